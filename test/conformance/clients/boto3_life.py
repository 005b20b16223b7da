"""A volume's life with boto3: its waiters, its paginators and a presigned request."""
import urllib.request
import xml.etree.ElementTree

import boto3
from botocore.config import Config
from service import ACCESS_KEY, ENDPOINT, REGION, SECRET_KEY, refused, until

INSTANCE = "i-00000003"
QUICKLY = {"Delay": 0.05, "MaxAttempts": 1000}


def client(**changes):
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY, **changes}
    config = Config(retries={"max_attempts": 1}, proxies={})
    return boto3.client("ec2", endpoint_url=ENDPOINT, region_name=REGION, config=config, **keys)


def wait(ec2, waiter, **ids):
    ec2.get_waiter(waiter).wait(WaiterConfig=QUICKLY, **ids)


ec2 = client()
zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
refused(lambda: client(aws_secret_access_key="wrong").describe_volumes(), "AuthFailure")

create = {
    "AvailabilityZone": zone,
    "Size": 1,
    "VolumeType": "gp3",
    "ClientToken": "boto3-life",
    "TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "boto3 & <ünï>"}]}],
}
refused(lambda: ec2.create_volume(DryRun=True, **create), "DryRunOperation")
volume = ec2.create_volume(**create)["VolumeId"]
assert ec2.create_volume(**create)["VolumeId"] == volume
refused(lambda: ec2.create_volume(**{**create, "Size": 2}), "IdempotentParameterMismatch")
wait(ec2, "volume_available", VolumeIds=[volume])

ec2.create_tags(Resources=[volume], Tags=[{"Key": "stage", "Value": "test"}, {"Key": "empty", "Value": ""}])
ec2.delete_tags(Resources=[volume], Tags=[{"Key": "stage", "Value": "other"}])
tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [volume]}])["Tags"]
assert {tag["Key"]: tag["Value"] for tag in tags} == {"Name": "boto3 & <ünï>", "stage": "test", "empty": ""}, tags
found = ec2.describe_volumes(Filters=[{"Name": "tag:stage", "Values": ["t?s*"]}])["Volumes"]
assert [each["VolumeId"] for each in found] == [volume], found

ec2.attach_volume(VolumeId=volume, InstanceId=INSTANCE, Device="/dev/sdf")
wait(ec2, "volume_in_use", VolumeIds=[volume])
until(
    lambda: ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Attachments"],
    lambda attachments: [each["State"] for each in attachments] == ["attached"],
)
instance = ec2.describe_instances(InstanceIds=[INSTANCE])["Reservations"][0]["Instances"][0]
assert instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"] == volume, instance
refused(lambda: ec2.delete_volume(VolumeId=volume), "VolumeInUse")
# The instance's host is one that notices when an attached volume grows.
modification = ec2.modify_volume(VolumeId=volume, Size=2)["VolumeModification"]
assert (modification["OriginalSize"], modification["TargetSize"]) == (1, 2), modification
until(
    lambda: ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"][0]["ModificationState"],
    lambda state: state == "completed",
)
ec2.detach_volume(VolumeId=volume)
wait(ec2, "volume_available", VolumeIds=[volume])

snapshot = ec2.create_snapshot(VolumeId=volume, Description="half-way")["SnapshotId"]
wait(ec2, "snapshot_completed", SnapshotIds=[snapshot])
assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"][0]["VolumeSize"] == 2
copies = [ec2.create_volume(AvailabilityZone=zone, SnapshotId=snapshot)["VolumeId"] for _ in range(7)]
wait(ec2, "volume_available", VolumeIds=copies)
pages = list(ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5}))
assert len(pages) == 2 and sorted(each["VolumeId"] for page in pages for each in page["Volumes"]) == sorted([volume, *copies])

url = ec2.generate_presigned_url("describe_volumes", Params={"VolumeIds": [volume]}, ExpiresIn=60, HttpMethod="GET")
with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
    content = xml.etree.ElementTree.fromstring(answer.read())
namespace = content.tag.split("}")[0].lstrip("{")
assert content.find(f".//{{{namespace}}}volumeId").text == volume

for each in [volume, *copies]:
    ec2.delete_volume(VolumeId=each)
wait(ec2, "volume_deleted", VolumeIds=[volume])
ec2.delete_snapshot(SnapshotId=snapshot)
refused(lambda: ec2.describe_snapshots(SnapshotIds=[snapshot]), "InvalidSnapshot.NotFound")
print("boto3: a whole life")
