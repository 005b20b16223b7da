# What a host of the lab holds of volumes, exports, sessions and disks, one thing a line. Runs on any of them; what it lacks is passed over.
# Numbers that differ from run to run (session numbers, domain ids, how full a pool is) are left out, so that two inventories can be compared.
export LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1
target=/sys/kernel/config/target
nvmet=/sys/kernel/config/nvmet

prefixed() {
  sed -e 's/[[:space:]]\{1,\}/ /g' -e 's/ $//' -e "s|^ *|$1 |"
}

# below FOLDER DEPTH: the folders and links below it, without attributes, which are files
below() {
  [ ! -d "$1" ] || find "$1" -mindepth 1 -maxdepth "$2" \( -type d -o -type l \) -printf '%P\n'
}

# A pool that had a volume once stays open (the sixth letter) after the volume is gone.
lvs --reportformat basic --config log/report_command_log=0 --noheadings --nosuffix --units b --separator ' ' -o vg_name,lv_name,lv_size,lv_attr,origin,pool_lv,lv_tags 2> /dev/null |
  sed -E 's/( t[^ ]{4})o/\1-/' | prefixed lv

# An initiator once, however many sessions it has: of a node that was reset tgtd keeps the old one until TCP gives it up, half an hour later, unless the
# new one happens to have the same number.
if pidof tgtd > /dev/null; then
  tgtadm --lld iscsi --op show --mode target | awk '
    /^Target / { iqn = $3; print iqn }
    /^    [A-Z].*:$/ { section = $1 }
    /Initiator: / && !seen[iqn, $2]++ { print iqn, "session-of", $2 }
    /^        LUN: / { lun = $2 }
    /Backing store path: / && lun > 0 { print iqn, "lun", lun, $4 }
    /^        [^ ]/ && section == "Account" { print iqn, "account", $1 }
    /^        [^ ]/ && section == "ACL" { print iqn, "acl", $1 }
  ' | prefixed tgt
  tgtadm --lld iscsi --op show --mode account | awk '/^    / { print "account", $1 }' | prefixed tgt
fi

# The configuration of LIO is this tree: targets, portal groups, LUNs and initiators below iscsi, backing devices below core.
below "$target/iscsi" 5 | grep -v -E '(^|/)(auth|attrib|param|discovery_auth|fabric_statistics|statistics)(/|$)|alua|/lun/lun_[0-9]+/' | grep -E '^(iqn|eui|naa)' | prefixed lio
below "$target/core" 2 | grep / | grep -v '^alua' | sed 's/_[0-9]*\//\//' | prefixed lio-backstore

for kind in subsystems hosts ports; do
  below "$nvmet/$kind" 3 | grep -v -E '(ana_groups|referrals|passthru)' | prefixed "nvmet $kind"
done

ps -e -o args= | grep '^vblade ' | prefixed vblade

iscsiadm -m session 2> /dev/null | sed -e 's/\[[0-9]*\] //' -e 's/,[0-9-]* / /' | prefixed iscsi-session
iscsiadm -m node 2> /dev/null | sed 's/,[0-9-]* / /' | prefixed iscsi-node

for controller in /sys/class/nvme/*; do
  [ ! -e "$controller/subsysnqn" ] || echo "$(cat "$controller/subsysnqn") $(cat "$controller/transport") $(cat "$controller/address")"
done | prefixed nvme-controller

# Everything that came by the network: the guests' own disks are vda and vdb.
for disk in /sys/block/sd* /sys/block/nvme* /sys/block/etherd*; do
  [ ! -e "$disk" ] || echo "$(basename "$disk") $(cat "$disk/size")"
done | prefixed disk-of-host

if [ -e /proc/xen/capabilities ]; then
  domains=$(xl list | awk 'NR > 1 { printf "%s:%s ", $2, $1 }')
  for domain in $domains; do
    echo "domain ${domain#*:}"
    # Of dom0 there is nothing to ask.
    [ "${domain%%:*}" = 0 ] || xl block-list "${domain%%:*}" | awk -v name="${domain#*:}" 'NR > 1 { print "xl-disk", name, $1, "state", $4 }'
  done
  # What xl does not show of disks that were half made or half removed. The path ends in the domain's number and the disk's.
  xenstore-ls -f /local/domain/0/backend/vbd 2> /dev/null | awk -F ' = ' -v domains="$domains" '
    BEGIN { for (i = split(domains, list, " "); i > 0; i--) { split(list[i], pair, ":"); names[pair[1]] = pair[2] } }
    { count = split($1, path, "/") }
    path[count] ~ /^(dev|mode|params|state)$/ { domid = path[count - 2]; print "xenstore-disk", domid in names ? names[domid] : "nobody", path[count - 1], path[count], $2 }
  '
fi
