# A stand-in of SCST's tree in sysfs, loaded into a script's Perl (PERL5OPT): what is written to a file below the folder SCST_TREE is carried out as the
# kernel and iscsi-scstd would (scst_sysfs.c, scst_vdisk.c, and config.c, event.c and target.c of iscsi-scstd), with the same error numbers. How it
# misbehaves is in the file SCST_TREE.mood: "queued" answers every command of a file mgmt with EAGAIN and tells its outcome in last_sysfs_mgmt_res,
# "holds" closes no session, "returns" has initiators log in again at once when they may.
package ScstKernel;
use strict;
use warnings;
use Errno qw(EAGAIN EBUSY EEXIST EINVAL ENOENT);
use Symbol ();

my $tree = $ENV{SCST_TREE} // die "SCST_TREE is not set\n";

sub open_file {
    my ($mode, $path) = @_[1, 2];
    my ($name) = ($path // '') =~ m{^\Q$tree\E/(.+)$};
    if (defined $name && ($mode =~ /^>/ || $name eq 'last_sysfs_mgmt_res')) {
        if (!-e $path) {
            $! = ENOENT;
            return 0;
        }
        $_[0] = Symbol::gensym();
        tie *{$_[0]}, 'ScstKernel::File', $name;
        return 1;
    }
    return CORE::open($_[0], $mode, $path);
}

BEGIN {
    no warnings 'once';
    *CORE::GLOBAL::open = \&open_file;
}

sub slurp { CORE::open(my $file, '<', $_[0]) or return ''; local $/; return <$file> // '' }
sub spew { CORE::open(my $file, '>', $_[0]) or die "$_[0]: $!"; print $file $_[1]; close $file }
sub has_mood { return slurp("$tree.mood") =~ /\b$_[0]\b/ }

# Answers an error number, 0 when it did as it was told.
sub act {
    my ($name, $text) = @_;
    my ($verb, @words) = split ' ', $text;
    if ($name eq 'handlers/vdisk_blockio/mgmt') {
        my $device = "$tree/devices/$words[0]";
        if ($verb eq 'add_device') {
            my %parameters = map { split /=/, $_, 2 } split /;\s*/, $text =~ s/^\S+\s+\S+\s+//r;
            return EEXIST if -d $device;
            return EINVAL if grep { !/^(?:filename|read_only)$/ } keys %parameters;
            return ENOENT unless -e $parameters{filename};
            mkdir $_ for $device, "$device/exported";
            spew("$device/filename", "$parameters{filename}\n[key]\n");
            spew("$device/read_only", ($parameters{read_only} // 0) . "\n" . ($parameters{read_only} ? "[key]\n" : ''));
            spew("$device/usn", "f4a1c2e\n");
            spew("$device/vend_specific_id", "f4a1c2e-$words[0]\n");
            spew("$device/resync_size", '');
            spew("$device/size", (-s $parameters{filename}) . "\n");
            return 0;
        }
        return EINVAL unless $verb eq 'del_device';
        return EINVAL unless -d $device;
        # Its LUNs go with it, whoever uses them.
        remove_tree($_ =~ s{/device$}{}r) for grep { readlink($_) =~ m{/devices/\Q$words[0]\E$} } glob "$tree/targets/iscsi/*/luns/*/device $tree/targets/iscsi/*/ini_groups/*/luns/*/device";
        remove_tree($device);
        return 0;
    }
    if ($name =~ m{^devices/([^/]+)/(usn|vend_specific_id)$}) {
        return EINVAL if $2 eq 'usn' && length $text > 20;
        spew("$tree/$name", "$text\n[key]\n");
        return 0;
    }
    if (my ($grown) = $name =~ m{^devices/([^/]+)/resync_size$}) {
        my ($file) = slurp("$tree/devices/$grown/filename") =~ /^(.*)/;
        spew("$tree/devices/$grown/size", (-s $file) . "\n");
        return 0;
    }
    if ($name eq 'targets/iscsi/mgmt') {
        my $target = "$tree/targets/iscsi/$words[0]";
        if ($verb eq 'add_target') {
            return EEXIST if -d $target;
            mkdir $_ for $target, map { "$target/$_" } qw(luns ini_groups sessions);
            spew($_, '') for "$target/luns/mgmt", "$target/ini_groups/mgmt";
            spew("$target/enabled", "0\n");
            return 0;
        }
        return ENOENT unless -d $target;
        if ($verb eq 'del_target') {
            return EBUSY if glob "$target/sessions/*";
            unlink map { "$tree/devices/" . (readlink($_) =~ m{([^/]+)$})[0] . "/exported/" . export_name($_) } glob "$target/luns/*/device $target/ini_groups/*/luns/*/device";
            remove_tree($target);
            return 0;
        }
        my (undef, $attribute, $key, $value) = @words;
        if ($verb eq 'add_target_attribute') {
            return EINVAL unless defined $key && $attribute =~ /^(?:IncomingUser|allowed_portal)$/;
            return EINVAL if $attribute eq 'IncomingUser' && length($value // '') < 12;
            my ($free) = grep { !-e "$target/$attribute$_" } '', 1 .. 99;
            spew("$target/$attribute$free", join(' ', $key, $value // ()) . "\n[key]\n");
            chmod 0600, "$target/$attribute$free" if $attribute eq 'IncomingUser';
            return 0;
        }
        return EINVAL unless $verb eq 'del_target_attribute';
        my ($found) = grep { slurp($_) =~ /^\Q$key\E\s/ } glob "$target/$attribute*";
        return ENOENT unless defined $found;
        unlink $found;
        return 0;
    }
    if ($name =~ m{^(targets/iscsi/[^/]+)/enabled$}) {
        return EINVAL unless $text =~ /^[01]$/;
        spew("$tree/$name", $text eq '1' ? "1\n[key]\n" : "0\n");
        return 0;
    }
    if ($name =~ m{^(targets/iscsi/[^/]+)/ini_groups/mgmt$}) {
        my $group = "$tree/$1/ini_groups/$words[0]";
        return EINVAL unless $verb eq 'create';
        return EINVAL if -d $group;
        mkdir $_ for $group, "$group/luns", "$group/initiators";
        spew($_, '') for "$group/luns/mgmt", "$group/initiators/mgmt";
        return 0;
    }
    if ($name =~ m{^(targets/iscsi/.+/?luns)/mgmt$}) {
        my ($device, $lun) = @words;
        return EINVAL unless $verb eq 'add' && -d "$tree/devices/$device";
        return EEXIST if -e "$tree/$1/$lun";
        mkdir "$tree/$1/$lun";
        symlink "$tree/devices/$device", "$tree/$1/$lun/device";
        symlink "$tree/$1/$lun", "$tree/devices/$device/exported/" . export_name("$tree/$1/$lun/device");
        return 0;
    }
    if ($name =~ m{^(targets/iscsi/.+/initiators)/mgmt$}) {
        my $initiator = "$tree/$1/$words[0]";
        if ($verb eq 'add') {
            return EEXIST if -e $initiator;
            spew($initiator, '');
            return 0;
        }
        return ENOENT unless $verb eq 'del' && -e $initiator;
        unlink $initiator;
        return 0;
    }
    if (my ($target, $session) = $name =~ m{^(targets/iscsi/[^/]+)/sessions/([^/]+)/force_close$}) {
        return 0 if has_mood('holds');
        my $user = slurp("$tree/$target/sessions/$session/user");
        my @accounts = glob "$tree/$target/IncomingUser*";
        my $may_return = slurp("$tree/$target/enabled") =~ /^1/ && (!@accounts || grep { slurp($_) =~ /^\Q$user\E / } @accounts);
        remove_tree("$tree/$target/sessions/$session") unless has_mood('returns') && $may_return;
        return 0;
    }
    return EINVAL;
}

sub export_name { return 'export' . $_[0] =~ s{[^A-Za-z0-9]}{-}gr }

sub remove_tree {
    my ($path) = @_;
    if (-d $path && !-l $path) {
        remove_tree($_) for glob "$path/*";
        rmdir $path or die "$path: $!";
    } else {
        unlink $path;
    }
}

package ScstKernel::File;
use strict;
use warnings;

sub TIEHANDLE { my ($class, $name) = @_; return bless { name => $name }, $class }

sub WRITE {
    my ($self, $text, $length) = @_;
    my $error = ScstKernel::act($self->{name}, $text);
    if (ScstKernel::has_mood('queued') && $self->{name} =~ /mgmt$/) {
        # The first to ask is told that it is not done yet.
        ScstKernel::spew("$tree/last_sysfs_mgmt_res", "wait " . -$error);
        $! = Errno::EAGAIN();
        return undef;
    }
    if ($error != 0) {
        $! = $error;
        return undef;
    }
    return length $text;
}

sub READ {
    my $self = shift;
    my $state = ScstKernel::slurp("$tree/last_sysfs_mgmt_res");
    if ($state =~ s/^wait //) {
        ScstKernel::spew("$tree/last_sysfs_mgmt_res", "$state\n");
        $! = Errno::EAGAIN();
        return undef;
    }
    $_[0] = $state;
    return length $state;
}

sub CLOSE { return 1 }

1;
