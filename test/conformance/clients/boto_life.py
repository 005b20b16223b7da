"""A volume's life with boto 2; its one argument is the signature version. Version 2 is what boto signed with until its last releases."""
import sys

import boto
from boto.ec2.connection import EC2Connection
from boto.ec2.regioninfo import RegionInfo
from service import ACCESS_KEY, HOST, PORT, REGION, SECRET_KEY, refused, until

INSTANCE = "i-00000004"

[_, signature_version] = sys.argv
EC2Connection._required_auth_capability = lambda self: {"2": ["ec2"], "4": ["hmac-v4"]}[signature_version]
boto.config.add_section("Boto")
boto.config.set("Boto", "num_retries", "0")


def connect(secret=SECRET_KEY):
    region = RegionInfo(name=REGION, endpoint=HOST)
    return EC2Connection(ACCESS_KEY, secret, is_secure=False, port=PORT, region=region, path="/")


ec2 = connect()
signer = type(ec2._auth_handler).__name__
refused(lambda: connect("wrong").get_all_volumes(), "AuthFailure")

zone = ec2.get_all_zones()[0].name
refused(lambda: ec2.create_volume(1, zone, dry_run=True), "DryRunOperation")
volume = ec2.create_volume(1, zone)
until(volume.update, lambda state: state == "available")
volume.add_tag("Name", "boto & <ünï>")
ec2.create_tags([volume.id], {"stage": "test"})
assert ec2.get_all_volumes(filters={"tag:stage": "te*"})[0].tags == {"Name": "boto & <ünï>", "stage": "test"}
volume.remove_tag("stage", "test")
assert [tag.name for tag in ec2.get_all_tags(filters={"resource-id": volume.id})] == ["Name"]

volume.attach(INSTANCE, "/dev/sdg")
until(lambda: (volume.update(), volume.attachment_state())[1], lambda state: state == "attached")
assert volume.attach_data.instance_id == INSTANCE
assert ec2.get_only_instances([INSTANCE])[0].block_device_mapping["/dev/sdg"].volume_id == volume.id
refused(volume.delete, "VolumeInUse")
volume.detach()
until(volume.update, lambda state: state == "available")

snapshot = volume.create_snapshot("by boto")
until(snapshot.update, lambda progress: progress == "100%")
assert ec2.get_all_snapshots(owner="self", filters={"description": "by ?oto"})[0].id == snapshot.id
copy = snapshot.create_volume(zone)
until(copy.update, lambda state: state == "available")
for each in (copy, volume):
    each.delete()
    until(ec2.get_all_volumes, lambda volumes: each.id not in [one.id for one in volumes])
snapshot.delete()
refused(lambda: ec2.get_all_volumes([volume.id]), "InvalidVolume.NotFound")
print(f"boto with {signer}: a whole life")
