# A stand-in of a dom0, for the programs xl, xm and xenstore-ls beside it. Its XenStore is the file "store" in the folder XEN_STATE, a line "PATH = VALUE" for
# each entry; its block devices are folders as in sysfs, below XEN_BLOCK_DEVICES. How it misbehaves is in the file "mood": "refuses" to plug and leaves
# what a failed attach leaves; "asleep" guests take no disk and let none go; "reboots" a guest while it is asked to let go; "renumbers": at that moment,
# the guest's number becomes another domain's.
package XenHost;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT = qw(read_store write_store has_mood number_of uuid_at name_at plug ask_to_let_go restart);

my $folder = $ENV{XEN_STATE} // die "XEN_STATE is not set\n";

sub slurp { open(my $file, '<', $_[0]) or return ''; local $/; return <$file> // '' }
sub has_mood { return slurp("$folder/mood") =~ /\b$_[0]\b/ }
sub read_store { return map { /^(\S+) = (.*)$/ ? ($1 => $2) : () } split /\n/, slurp("$folder/store") }

sub write_store {
    my (%store) = @_;
    open(my $file, '>', "$folder/store.new") or die "$folder: $!\n";
    print $file map { "$_ = $store{$_}\n" } sort keys %store;
    close $file;
    rename "$folder/store.new", "$folder/store";
}

# A name of digits is taken for a number.
sub number_of {
    my ($store, $name) = @_;
    return exists $store->{"/local/domain/$name/name"} ? $name : undef if $name =~ /^\d+$/;
    return (map { m{^/local/domain/(\d+)/name$} && $store->{$_} eq $name ? $1 : () } sort keys %$store)[0];
}

sub uuid_at { return ($_[0]{"/local/domain/$_[1]/vm"} // '') =~ s{^/vm/}{}r }
sub name_at { return $_[0]{"/local/domain/$_[1]/name"} // '' }

# As Xen's numbers: xvda is 51712, sixteen to a disk.
sub vdev_of {
    return $_[0] if $_[0] =~ /^\d+$/;
    my ($letter) = $_[0] =~ /^xvd([a-p])$/ or return undef;
    return 202 << 8 | (ord($letter) - ord 'a') << 4;
}

sub device_number {
    my ($path) = @_;
    $path = readlink $path while -l $path;
    chomp(my $number = slurp("$ENV{XEN_BLOCK_DEVICES}/" . $path =~ s{^/dev/}{}r =~ s{/}{!}gr . '/dev'));
    return join ':', map { sprintf '%x', $_ } split /:/, $number;
}

# Answers what is wrong, or nothing.
sub plug {
    my ($id, $path, $name, $mode) = @_;
    my %store = read_store();
    my $vdev = vdev_of($name) // return 'no such name';
    my $back = "/local/domain/0/backend/vbd/$id/$vdev";
    my $front = "/local/domain/$id/device/vbd/$vdev";
    return 'taken' if grep { m{^\Q$back\E/} } keys %store;
    my $number = device_number($path);
    my ($other) = grep { m{/physical-device$} && $store{$_} eq $number } keys %store;
    my $fails = has_mood('refuses') || $number eq '' || defined $other;
    my $state = $fails ? 3 : has_mood('asleep') ? 2 : 4;
    @store{map { "$back/$_" } qw(frontend params type dev mode state)} = ($front, $path, 'phy', $name, $mode, $state);
    $store{"$back/physical-device"} = $number unless $fails;
    @store{map { "$front/$_" } qw(backend state)} = ($back, $fails ? 1 : $state);
    write_store(%store);
    return defined $other ? 'mounted' : $fails ? 'hotplug' : undef;
}

sub ask_to_let_go {
    my ($id, $name) = @_;
    my %store = read_store();
    my $vdev = vdev_of($name) // return 'not connected';
    my $back = "/local/domain/0/backend/vbd/$id/$vdev";
    return 'not connected' unless exists $store{"$back/state"};
    if (has_mood('reboots')) {
        restart($id, $id + 1);
        open(my $file, '>', "$folder/mood");
        return undef;
    }
    if (has_mood('renumbers')) {
        delete @store{grep { m{^/local/domain/(?:0/backend/vbd/)?\Q$id\E/} } keys %store};
        @store{"/local/domain/$id/name", "/local/domain/$id/vm"} = ('other', '/vm/99999999-0b4d-4e58-9a6b-3c2d1e0f9a8b');
        write_store(%store);
        return undef;
    }
    if (has_mood('asleep') && $store{"$back/state"} ne '3') {
        $store{"$back/state"} = 5;
        $store{"$back/online"} = 0;
        write_store(%store);
        return 'timed out';
    }
    delete @store{grep { m{^(?:\Q$back\E|/local/domain/\Q$id\E/device/vbd/\Q$vdev\E)/} } keys %store};
    write_store(%store);
    return undef;
}

# Under a new number, with the disks that it had.
sub restart {
    my ($old, $new) = @_;
    my %store = read_store();
    for my $path (grep { m{^/local/domain/(?:0/backend/vbd/)?\Q$old\E/} } keys %store) {
        my $value = delete $store{$path};
        $store{$path =~ s{/\Q$old\E/}{/$new/}r} = $value =~ s{/\Q$old\E/}{/$new/}r;
    }
    write_store(%store);
}

1;
