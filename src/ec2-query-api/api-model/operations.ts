// Generated from @aws-sdk/client-ec2 by `npm run generate`. Do not edit.
import type { OperationSchema, Structures } from './schema.ts';

export interface AttachVolumeRequest {
  readonly Device: string;
  readonly InstanceId: string;
  readonly VolumeId: string;
  readonly EbsCardIndex?: number;
  readonly DryRun?: boolean;
}

export interface AttributeBooleanValue {
  readonly Value?: boolean;
}

export interface AttributeValue {
  readonly Value?: string;
}

export interface CopySnapshotRequest {
  readonly SourceRegion: string;
  readonly SourceSnapshotId: string;
  readonly Description?: string;
  readonly DestinationOutpostArn?: string;
  readonly DestinationRegion?: string;
  readonly Encrypted?: boolean;
  readonly KmsKeyId?: string;
  readonly PresignedUrl?: string;
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly CompletionDurationMinutes?: number;
  readonly DestinationAvailabilityZone?: string;
  readonly DryRun?: boolean;
}

export interface CopyVolumesRequest {
  readonly SourceVolumeId: string;
  readonly Iops?: number;
  readonly Size?: number;
  readonly VolumeType?: string;
  readonly DryRun?: boolean;
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly MultiAttachEnabled?: boolean;
  readonly Throughput?: number;
  readonly ClientToken?: string;
  readonly Encrypted?: boolean;
  readonly KmsKeyId?: string;
}

export interface CreateSnapshotRequest {
  readonly VolumeId: string;
  readonly Description?: string;
  readonly OutpostArn?: string;
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly Location?: string;
  readonly DryRun?: boolean;
}

export interface CreateSnapshotsRequest {
  readonly InstanceSpecification: InstanceSpecification;
  readonly Description?: string;
  readonly OutpostArn?: string;
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly DryRun?: boolean;
  readonly CopyTagsFromSource?: string;
  readonly Location?: string;
}

export interface CreateTagsRequest {
  readonly Resources: readonly string[];
  readonly Tags: readonly Tag[];
  readonly DryRun?: boolean;
}

export interface CreateVolumePermission {
  readonly UserId?: string;
  readonly Group?: string;
}

export interface CreateVolumePermissionModifications {
  readonly Add?: readonly CreateVolumePermission[];
  readonly Remove?: readonly CreateVolumePermission[];
}

export interface CreateVolumeRequest {
  readonly AvailabilityZone?: string;
  readonly AvailabilityZoneId?: string;
  readonly Encrypted?: boolean;
  readonly Iops?: number;
  readonly KmsKeyId?: string;
  readonly OutpostArn?: string;
  readonly Size?: number;
  readonly SnapshotId?: string;
  readonly VolumeType?: string;
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly MultiAttachEnabled?: boolean;
  readonly Throughput?: number;
  readonly ClientToken?: string;
  readonly VolumeInitializationRate?: number;
  readonly Operator?: OperatorRequest;
  readonly DryRun?: boolean;
}

export interface DeleteSnapshotRequest {
  readonly SnapshotId: string;
  readonly DryRun?: boolean;
}

export interface DeleteTagsRequest {
  readonly Resources: readonly string[];
  readonly DryRun?: boolean;
  readonly Tags?: readonly Tag[];
}

export interface DeleteVolumeRequest {
  readonly VolumeId: string;
  readonly DryRun?: boolean;
}

export interface DescribeAccountAttributesRequest {
  readonly DryRun?: boolean;
  readonly AttributeNames?: readonly string[];
}

export interface DescribeAvailabilityZonesRequest {
  readonly ZoneNames?: readonly string[];
  readonly ZoneIds?: readonly string[];
  readonly AllAvailabilityZones?: boolean;
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
}

export interface DescribeInstanceAttributeRequest {
  readonly InstanceId: string;
  readonly Attribute: string;
  readonly DryRun?: boolean;
}

export interface DescribeInstancesRequest {
  readonly InstanceIds?: readonly string[];
  readonly IncludeManagedResources?: boolean;
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

export interface DescribeLockedSnapshotsRequest {
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly SnapshotIds?: readonly string[];
  readonly DryRun?: boolean;
}

export interface DescribeRegionsRequest {
  readonly RegionNames?: readonly string[];
  readonly AllRegions?: boolean;
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
}

export interface DescribeSnapshotAttributeRequest {
  readonly Attribute: string;
  readonly SnapshotId: string;
  readonly DryRun?: boolean;
}

export interface DescribeSnapshotsRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly OwnerIds?: readonly string[];
  readonly RestorableByUserIds?: readonly string[];
  readonly SnapshotIds?: readonly string[];
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
}

export interface DescribeTagsRequest {
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export interface DescribeVolumeAttributeRequest {
  readonly Attribute: string;
  readonly VolumeId: string;
  readonly DryRun?: boolean;
}

export interface DescribeVolumeStatusRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly VolumeIds?: readonly string[];
  readonly IncludeManagedResources?: boolean;
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
}

export interface DescribeVolumesModificationsRequest {
  readonly DryRun?: boolean;
  readonly VolumeIds?: readonly string[];
  readonly Filters?: readonly Filter[];
  readonly NextToken?: string;
  readonly MaxResults?: number;
  readonly IncludeManagedResources?: boolean;
}

export interface DescribeVolumesRequest {
  readonly VolumeIds?: readonly string[];
  readonly IncludeManagedResources?: boolean;
  readonly DryRun?: boolean;
  readonly Filters?: readonly Filter[];
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

export interface DetachVolumeRequest {
  readonly VolumeId: string;
  readonly Device?: string;
  readonly Force?: boolean;
  readonly InstanceId?: string;
  readonly DryRun?: boolean;
}

export interface DisableEbsEncryptionByDefaultRequest {
  readonly DryRun?: boolean;
}

export interface DisableSnapshotBlockPublicAccessRequest {
  readonly DryRun?: boolean;
}

export interface EbsInstanceBlockDeviceSpecification {
  readonly VolumeId?: string;
  readonly DeleteOnTermination?: boolean;
}

export interface EnableEbsEncryptionByDefaultRequest {
  readonly DryRun?: boolean;
}

export interface EnableSnapshotBlockPublicAccessRequest {
  readonly State: string;
  readonly DryRun?: boolean;
}

export interface EnableVolumeIORequest {
  readonly VolumeId: string;
  readonly DryRun?: boolean;
}

export interface EnclaveOptionsRequest {
  readonly Enabled?: boolean;
}

export interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

export interface GetEbsDefaultKmsKeyIdRequest {
  readonly DryRun?: boolean;
}

export interface GetEbsEncryptionByDefaultRequest {
  readonly DryRun?: boolean;
}

export interface GetSnapshotBlockPublicAccessStateRequest {
  readonly DryRun?: boolean;
}

export interface InstanceBlockDeviceMappingSpecification {
  readonly DeviceName?: string;
  readonly Ebs?: EbsInstanceBlockDeviceSpecification;
  readonly VirtualName?: string;
  readonly NoDevice?: string;
}

export interface InstanceSpecification {
  readonly InstanceId: string;
  readonly ExcludeBootVolume?: boolean;
  readonly ExcludeDataVolumeIds?: readonly string[];
}

export interface ListSnapshotsInRecycleBinRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly SnapshotIds?: readonly string[];
  readonly DryRun?: boolean;
}

export interface ListVolumesInRecycleBinRequest {
  readonly VolumeIds?: readonly string[];
  readonly DryRun?: boolean;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export interface LockSnapshotRequest {
  readonly SnapshotId: string;
  readonly LockMode: string;
  readonly DryRun?: boolean;
  readonly CoolOffPeriod?: number;
  readonly LockDuration?: number;
  readonly ExpirationDate?: Date;
}

export interface ModifyEbsDefaultKmsKeyIdRequest {
  readonly KmsKeyId: string;
  readonly DryRun?: boolean;
}

export interface ModifyInstanceAttributeRequest {
  readonly InstanceId: string;
  readonly SourceDestCheck?: AttributeBooleanValue;
  readonly EnclaveOptions?: EnclaveOptionsRequest;
  readonly DisableApiStop?: AttributeBooleanValue;
  readonly DryRun?: boolean;
  readonly Attribute?: string;
  readonly Value?: string;
  readonly BlockDeviceMappings?: readonly InstanceBlockDeviceMappingSpecification[];
  readonly DisableApiTermination?: AttributeBooleanValue;
  readonly InstanceType?: AttributeValue;
  readonly Kernel?: AttributeValue;
  readonly Ramdisk?: AttributeValue;
  readonly UserData?: SecureBlobAttributeValue;
  readonly InstanceInitiatedShutdownBehavior?: AttributeValue;
  readonly Groups?: readonly string[];
  readonly EbsOptimized?: AttributeBooleanValue;
  readonly SriovNetSupport?: AttributeValue;
  readonly EnaSupport?: AttributeBooleanValue;
}

export interface ModifySnapshotAttributeRequest {
  readonly SnapshotId: string;
  readonly Attribute?: string;
  readonly CreateVolumePermission?: CreateVolumePermissionModifications;
  readonly GroupNames?: readonly string[];
  readonly OperationType?: string;
  readonly UserIds?: readonly string[];
  readonly DryRun?: boolean;
}

export interface ModifyVolumeAttributeRequest {
  readonly VolumeId: string;
  readonly AutoEnableIO?: AttributeBooleanValue;
  readonly DryRun?: boolean;
}

export interface ModifyVolumeRequest {
  readonly VolumeId: string;
  readonly DryRun?: boolean;
  readonly Size?: number;
  readonly VolumeType?: string;
  readonly Iops?: number;
  readonly Throughput?: number;
  readonly MultiAttachEnabled?: boolean;
}

export interface OperatorRequest {
  readonly Principal?: string;
}

export interface ResetEbsDefaultKmsKeyIdRequest {
  readonly DryRun?: boolean;
}

export interface ResetSnapshotAttributeRequest {
  readonly Attribute: string;
  readonly SnapshotId: string;
  readonly DryRun?: boolean;
}

export interface RestoreSnapshotFromRecycleBinRequest {
  readonly SnapshotId: string;
  readonly DryRun?: boolean;
}

export interface RestoreVolumeFromRecycleBinRequest {
  readonly VolumeId: string;
  readonly DryRun?: boolean;
}

export interface SecureBlobAttributeValue {
  readonly Value?: string;
}

export interface Tag {
  readonly Key?: string;
  readonly Value?: string;
}

export interface TagSpecification {
  readonly ResourceType?: string;
  readonly Tags?: readonly Tag[];
}

export interface UnlockSnapshotRequest {
  readonly SnapshotId: string;
  readonly DryRun?: boolean;
}

export interface AccountAttribute {
  readonly AttributeName?: string | undefined;
  readonly AttributeValues?: readonly AccountAttributeValue[] | undefined;
}

export interface AccountAttributeValue {
  readonly AttributeValue?: string | undefined;
}

export interface AvailabilityZone {
  readonly OptInStatus?: string | undefined;
  readonly Messages?: readonly AvailabilityZoneMessage[] | undefined;
  readonly RegionName?: string | undefined;
  readonly ZoneName?: string | undefined;
  readonly ZoneId?: string | undefined;
  readonly GroupName?: string | undefined;
  readonly NetworkBorderGroup?: string | undefined;
  readonly ZoneType?: string | undefined;
  readonly ParentZoneName?: string | undefined;
  readonly ParentZoneId?: string | undefined;
  readonly GroupLongName?: string | undefined;
  readonly Geography?: readonly AvailabilityZoneGeography[] | undefined;
  readonly SubGeography?: readonly AvailabilityZoneSubGeography[] | undefined;
  readonly State?: string | undefined;
}

export interface AvailabilityZoneGeography {
  readonly Name?: string | undefined;
}

export interface AvailabilityZoneMessage {
  readonly Message?: string | undefined;
}

export interface AvailabilityZoneSubGeography {
  readonly Name?: string | undefined;
}

export interface CapacityReservationSpecificationResponse {
  readonly CapacityReservationPreference?: string | undefined;
  readonly CapacityReservationTarget?: CapacityReservationTargetResponse | undefined;
}

export interface CapacityReservationTargetResponse {
  readonly CapacityReservationId?: string | undefined;
  readonly CapacityReservationResourceGroupArn?: string | undefined;
}

export interface ConnectionTrackingSpecificationResponse {
  readonly TcpEstablishedTimeout?: number | undefined;
  readonly UdpStreamTimeout?: number | undefined;
  readonly UdpTimeout?: number | undefined;
}

export interface CopySnapshotResult {
  readonly Tags?: readonly Tag[] | undefined;
  readonly SnapshotId?: string | undefined;
}

export interface CopyVolumesResult {
  readonly Volumes?: readonly Volume[] | undefined;
}

export interface CpuOptions {
  readonly CoreCount?: number | undefined;
  readonly ThreadsPerCore?: number | undefined;
  readonly AmdSevSnp?: string | undefined;
  readonly NestedVirtualization?: string | undefined;
}

export interface CreateSnapshotsResult {
  readonly Snapshots?: readonly SnapshotInfo[] | undefined;
}

export interface DescribeAccountAttributesResult {
  readonly AccountAttributes?: readonly AccountAttribute[] | undefined;
}

export interface DescribeAvailabilityZonesResult {
  readonly AvailabilityZones?: readonly AvailabilityZone[] | undefined;
}

export interface DescribeInstancesResult {
  readonly NextToken?: string | undefined;
  readonly Reservations?: readonly Reservation[] | undefined;
}

export interface DescribeLockedSnapshotsResult {
  readonly Snapshots?: readonly LockedSnapshotsInfo[] | undefined;
  readonly NextToken?: string | undefined;
}

export interface DescribeRegionsResult {
  readonly Regions?: readonly Region[] | undefined;
}

export interface DescribeSnapshotAttributeResult {
  readonly ProductCodes?: readonly ProductCode[] | undefined;
  readonly SnapshotId?: string | undefined;
  readonly CreateVolumePermissions?: readonly CreateVolumePermission[] | undefined;
}

export interface DescribeSnapshotsResult {
  readonly NextToken?: string | undefined;
  readonly Snapshots?: readonly Snapshot[] | undefined;
}

export interface DescribeTagsResult {
  readonly NextToken?: string | undefined;
  readonly Tags?: readonly TagDescription[] | undefined;
}

export interface DescribeVolumeAttributeResult {
  readonly AutoEnableIO?: AttributeBooleanValue | undefined;
  readonly ProductCodes?: readonly ProductCode[] | undefined;
  readonly VolumeId?: string | undefined;
}

export interface DescribeVolumeStatusResult {
  readonly NextToken?: string | undefined;
  readonly VolumeStatuses?: readonly VolumeStatusItem[] | undefined;
}

export interface DescribeVolumesModificationsResult {
  readonly NextToken?: string | undefined;
  readonly VolumesModifications?: readonly VolumeModification[] | undefined;
}

export interface DescribeVolumesResult {
  readonly NextToken?: string | undefined;
  readonly Volumes?: readonly Volume[] | undefined;
}

export interface DisableEbsEncryptionByDefaultResult {
  readonly EbsEncryptionByDefault?: boolean | undefined;
}

export interface DisableSnapshotBlockPublicAccessResult {
  readonly State?: string | undefined;
}

export interface EbsInstanceBlockDevice {
  readonly AttachTime?: Date | undefined;
  readonly DeleteOnTermination?: boolean | undefined;
  readonly Status?: string | undefined;
  readonly VolumeId?: string | undefined;
  readonly AssociatedResource?: string | undefined;
  readonly VolumeOwnerId?: string | undefined;
  readonly Operator?: OperatorResponse | undefined;
  readonly EbsCardIndex?: number | undefined;
}

export interface ElasticGpuAssociation {
  readonly ElasticGpuId?: string | undefined;
  readonly ElasticGpuAssociationId?: string | undefined;
  readonly ElasticGpuAssociationState?: string | undefined;
  readonly ElasticGpuAssociationTime?: string | undefined;
}

export interface ElasticInferenceAcceleratorAssociation {
  readonly ElasticInferenceAcceleratorArn?: string | undefined;
  readonly ElasticInferenceAcceleratorAssociationId?: string | undefined;
  readonly ElasticInferenceAcceleratorAssociationState?: string | undefined;
  readonly ElasticInferenceAcceleratorAssociationTime?: Date | undefined;
}

export interface EnableEbsEncryptionByDefaultResult {
  readonly EbsEncryptionByDefault?: boolean | undefined;
}

export interface EnableSnapshotBlockPublicAccessResult {
  readonly State?: string | undefined;
}

export interface EnclaveOptions {
  readonly Enabled?: boolean | undefined;
}

export interface GetEbsDefaultKmsKeyIdResult {
  readonly KmsKeyId?: string | undefined;
}

export interface GetEbsEncryptionByDefaultResult {
  readonly EbsEncryptionByDefault?: boolean | undefined;
  readonly SseType?: string | undefined;
}

export interface GetSnapshotBlockPublicAccessStateResult {
  readonly State?: string | undefined;
  readonly ManagedBy?: string | undefined;
}

export interface GroupIdentifier {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
}

export interface HibernationOptions {
  readonly Configured?: boolean | undefined;
}

export interface IamInstanceProfile {
  readonly Arn?: string | undefined;
  readonly Id?: string | undefined;
}

export interface InitializationStatusDetails {
  readonly InitializationType?: string | undefined;
  readonly Progress?: number | undefined;
  readonly EstimatedTimeToCompleteInSeconds?: number | undefined;
}

export interface Instance {
  readonly Architecture?: string | undefined;
  readonly BlockDeviceMappings?: readonly InstanceBlockDeviceMapping[] | undefined;
  readonly ClientToken?: string | undefined;
  readonly EbsOptimized?: boolean | undefined;
  readonly EnaSupport?: boolean | undefined;
  readonly Hypervisor?: string | undefined;
  readonly IamInstanceProfile?: IamInstanceProfile | undefined;
  readonly InstanceLifecycle?: string | undefined;
  readonly ElasticGpuAssociations?: readonly ElasticGpuAssociation[] | undefined;
  readonly ElasticInferenceAcceleratorAssociations?: readonly ElasticInferenceAcceleratorAssociation[] | undefined;
  readonly NetworkInterfaces?: readonly InstanceNetworkInterface[] | undefined;
  readonly OutpostArn?: string | undefined;
  readonly RootDeviceName?: string | undefined;
  readonly RootDeviceType?: string | undefined;
  readonly SecurityGroups?: readonly GroupIdentifier[] | undefined;
  readonly SourceDestCheck?: boolean | undefined;
  readonly SpotInstanceRequestId?: string | undefined;
  readonly SriovNetSupport?: string | undefined;
  readonly StateReason?: StateReason | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly VirtualizationType?: string | undefined;
  readonly CpuOptions?: CpuOptions | undefined;
  readonly CapacityBlockId?: string | undefined;
  readonly CapacityReservationId?: string | undefined;
  readonly CapacityReservationSpecification?: CapacityReservationSpecificationResponse | undefined;
  readonly HibernationOptions?: HibernationOptions | undefined;
  readonly Licenses?: readonly LicenseConfiguration[] | undefined;
  readonly MetadataOptions?: InstanceMetadataOptionsResponse | undefined;
  readonly EnclaveOptions?: EnclaveOptions | undefined;
  readonly BootMode?: string | undefined;
  readonly PlatformDetails?: string | undefined;
  readonly UsageOperation?: string | undefined;
  readonly UsageOperationUpdateTime?: Date | undefined;
  readonly PrivateDnsNameOptions?: PrivateDnsNameOptionsResponse | undefined;
  readonly Ipv6Address?: string | undefined;
  readonly TpmSupport?: string | undefined;
  readonly MaintenanceOptions?: InstanceMaintenanceOptions | undefined;
  readonly CurrentInstanceBootMode?: string | undefined;
  readonly NetworkPerformanceOptions?: InstanceNetworkPerformanceOptions | undefined;
  readonly Operator?: OperatorResponse | undefined;
  readonly SecondaryInterfaces?: readonly InstanceSecondaryInterface[] | undefined;
  readonly InstanceId?: string | undefined;
  readonly ImageId?: string | undefined;
  readonly State?: InstanceState | undefined;
  readonly PrivateDnsName?: string | undefined;
  readonly PublicDnsName?: string | undefined;
  readonly StateTransitionReason?: string | undefined;
  readonly KeyName?: string | undefined;
  readonly AmiLaunchIndex?: number | undefined;
  readonly ProductCodes?: readonly ProductCode[] | undefined;
  readonly InstanceType?: string | undefined;
  readonly LaunchTime?: Date | undefined;
  readonly Placement?: Placement | undefined;
  readonly KernelId?: string | undefined;
  readonly RamdiskId?: string | undefined;
  readonly Platform?: string | undefined;
  readonly Monitoring?: Monitoring | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly PublicIpAddress?: string | undefined;
}

export interface InstanceAttachmentEnaSrdSpecification {
  readonly EnaSrdEnabled?: boolean | undefined;
  readonly EnaSrdUdpSpecification?: InstanceAttachmentEnaSrdUdpSpecification | undefined;
}

export interface InstanceAttachmentEnaSrdUdpSpecification {
  readonly EnaSrdUdpEnabled?: boolean | undefined;
}

export interface InstanceAttribute {
  readonly BlockDeviceMappings?: readonly InstanceBlockDeviceMapping[] | undefined;
  readonly DisableApiTermination?: AttributeBooleanValue | undefined;
  readonly EnaSupport?: AttributeBooleanValue | undefined;
  readonly EnclaveOptions?: EnclaveOptions | undefined;
  readonly EbsOptimized?: AttributeBooleanValue | undefined;
  readonly InstanceId?: string | undefined;
  readonly InstanceInitiatedShutdownBehavior?: AttributeValue | undefined;
  readonly InstanceType?: AttributeValue | undefined;
  readonly KernelId?: AttributeValue | undefined;
  readonly ProductCodes?: readonly ProductCode[] | undefined;
  readonly RamdiskId?: AttributeValue | undefined;
  readonly RootDeviceName?: AttributeValue | undefined;
  readonly SourceDestCheck?: AttributeBooleanValue | undefined;
  readonly SriovNetSupport?: AttributeValue | undefined;
  readonly UserData?: AttributeValue | undefined;
  readonly DisableApiStop?: AttributeBooleanValue | undefined;
  readonly Groups?: readonly GroupIdentifier[] | undefined;
}

export interface InstanceBlockDeviceMapping {
  readonly DeviceName?: string | undefined;
  readonly Ebs?: EbsInstanceBlockDevice | undefined;
}

export interface InstanceIpv4Prefix {
  readonly Ipv4Prefix?: string | undefined;
}

export interface InstanceIpv6Address {
  readonly Ipv6Address?: string | undefined;
  readonly IsPrimaryIpv6?: boolean | undefined;
}

export interface InstanceIpv6Prefix {
  readonly Ipv6Prefix?: string | undefined;
}

export interface InstanceMaintenanceOptions {
  readonly AutoRecovery?: string | undefined;
  readonly RebootMigration?: string | undefined;
}

export interface InstanceMetadataOptionsResponse {
  readonly State?: string | undefined;
  readonly HttpTokens?: string | undefined;
  readonly HttpPutResponseHopLimit?: number | undefined;
  readonly HttpEndpoint?: string | undefined;
  readonly HttpProtocolIpv6?: string | undefined;
  readonly InstanceMetadataTags?: string | undefined;
}

export interface InstanceNetworkInterface {
  readonly Association?: InstanceNetworkInterfaceAssociation | undefined;
  readonly Attachment?: InstanceNetworkInterfaceAttachment | undefined;
  readonly Description?: string | undefined;
  readonly Groups?: readonly GroupIdentifier[] | undefined;
  readonly Ipv6Addresses?: readonly InstanceIpv6Address[] | undefined;
  readonly MacAddress?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly PrivateDnsName?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly PrivateIpAddresses?: readonly InstancePrivateIpAddress[] | undefined;
  readonly SourceDestCheck?: boolean | undefined;
  readonly Status?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly InterfaceType?: string | undefined;
  readonly Ipv4Prefixes?: readonly InstanceIpv4Prefix[] | undefined;
  readonly Ipv6Prefixes?: readonly InstanceIpv6Prefix[] | undefined;
  readonly ConnectionTrackingConfiguration?: ConnectionTrackingSpecificationResponse | undefined;
  readonly Operator?: OperatorResponse | undefined;
}

export interface InstanceNetworkInterfaceAssociation {
  readonly CarrierIp?: string | undefined;
  readonly CustomerOwnedIp?: string | undefined;
  readonly IpOwnerId?: string | undefined;
  readonly PublicDnsName?: string | undefined;
  readonly PublicIp?: string | undefined;
}

export interface InstanceNetworkInterfaceAttachment {
  readonly AttachTime?: Date | undefined;
  readonly AttachmentId?: string | undefined;
  readonly DeleteOnTermination?: boolean | undefined;
  readonly DeviceIndex?: number | undefined;
  readonly Status?: string | undefined;
  readonly NetworkCardIndex?: number | undefined;
  readonly EnaSrdSpecification?: InstanceAttachmentEnaSrdSpecification | undefined;
  readonly EnaQueueCount?: number | undefined;
}

export interface InstanceNetworkPerformanceOptions {
  readonly BandwidthWeighting?: string | undefined;
}

export interface InstancePrivateIpAddress {
  readonly Association?: InstanceNetworkInterfaceAssociation | undefined;
  readonly Primary?: boolean | undefined;
  readonly PrivateDnsName?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
}

export interface InstanceSecondaryInterface {
  readonly Attachment?: InstanceSecondaryInterfaceAttachment | undefined;
  readonly MacAddress?: string | undefined;
  readonly SecondaryInterfaceId?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly PrivateIpAddresses?: readonly InstanceSecondaryInterfacePrivateIpAddress[] | undefined;
  readonly SourceDestCheck?: boolean | undefined;
  readonly Status?: string | undefined;
  readonly SecondarySubnetId?: string | undefined;
  readonly SecondaryNetworkId?: string | undefined;
  readonly InterfaceType?: string | undefined;
}

export interface InstanceSecondaryInterfaceAttachment {
  readonly AttachTime?: Date | undefined;
  readonly AttachmentId?: string | undefined;
  readonly DeleteOnTermination?: boolean | undefined;
  readonly DeviceIndex?: number | undefined;
  readonly Status?: string | undefined;
  readonly NetworkCardIndex?: number | undefined;
}

export interface InstanceSecondaryInterfacePrivateIpAddress {
  readonly PrivateIpAddress?: string | undefined;
}

export interface InstanceState {
  readonly Code?: number | undefined;
  readonly Name?: string | undefined;
}

export interface LicenseConfiguration {
  readonly LicenseConfigurationArn?: string | undefined;
}

export interface ListSnapshotsInRecycleBinResult {
  readonly Snapshots?: readonly SnapshotRecycleBinInfo[] | undefined;
  readonly NextToken?: string | undefined;
}

export interface ListVolumesInRecycleBinResult {
  readonly Volumes?: readonly VolumeRecycleBinInfo[] | undefined;
  readonly NextToken?: string | undefined;
}

export interface LockSnapshotResult {
  readonly SnapshotId?: string | undefined;
  readonly LockState?: string | undefined;
  readonly LockDuration?: number | undefined;
  readonly CoolOffPeriod?: number | undefined;
  readonly CoolOffPeriodExpiresOn?: Date | undefined;
  readonly LockCreatedOn?: Date | undefined;
  readonly LockExpiresOn?: Date | undefined;
  readonly LockDurationStartTime?: Date | undefined;
}

export interface LockedSnapshotsInfo {
  readonly OwnerId?: string | undefined;
  readonly SnapshotId?: string | undefined;
  readonly LockState?: string | undefined;
  readonly LockDuration?: number | undefined;
  readonly CoolOffPeriod?: number | undefined;
  readonly CoolOffPeriodExpiresOn?: Date | undefined;
  readonly LockCreatedOn?: Date | undefined;
  readonly LockDurationStartTime?: Date | undefined;
  readonly LockExpiresOn?: Date | undefined;
}

export interface ModifyEbsDefaultKmsKeyIdResult {
  readonly KmsKeyId?: string | undefined;
}

export interface ModifyVolumeResult {
  readonly VolumeModification?: VolumeModification | undefined;
}

export interface Monitoring {
  readonly MetricCategoryIds?: readonly string[] | undefined;
  readonly State?: string | undefined;
}

export interface OperatorResponse {
  readonly Managed?: boolean | undefined;
  readonly Principal?: string | undefined;
  readonly HiddenByDefault?: boolean | undefined;
}

export interface Placement {
  readonly AvailabilityZoneId?: string | undefined;
  readonly Affinity?: string | undefined;
  readonly GroupName?: string | undefined;
  readonly PartitionNumber?: number | undefined;
  readonly HostId?: string | undefined;
  readonly Tenancy?: string | undefined;
  readonly SpreadDomain?: string | undefined;
  readonly HostResourceGroupArn?: string | undefined;
  readonly GroupId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
}

export interface PrivateDnsNameOptionsResponse {
  readonly HostnameType?: string | undefined;
  readonly EnableResourceNameDnsARecord?: boolean | undefined;
  readonly EnableResourceNameDnsAAAARecord?: boolean | undefined;
}

export interface ProductCode {
  readonly ProductCodeId?: string | undefined;
  readonly ProductCodeType?: string | undefined;
}

export interface Region {
  readonly OptInStatus?: string | undefined;
  readonly Geography?: readonly RegionGeography[] | undefined;
  readonly RegionName?: string | undefined;
  readonly Endpoint?: string | undefined;
}

export interface RegionGeography {
  readonly Name?: string | undefined;
}

export interface Reservation {
  readonly ReservationId?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly RequesterId?: string | undefined;
  readonly Groups?: readonly GroupIdentifier[] | undefined;
  readonly Instances?: readonly Instance[] | undefined;
}

export interface ResetEbsDefaultKmsKeyIdResult {
  readonly KmsKeyId?: string | undefined;
}

export interface RestoreSnapshotFromRecycleBinResult {
  readonly SnapshotId?: string | undefined;
  readonly OutpostArn?: string | undefined;
  readonly Description?: string | undefined;
  readonly Encrypted?: boolean | undefined;
  readonly OwnerId?: string | undefined;
  readonly Progress?: string | undefined;
  readonly StartTime?: Date | undefined;
  readonly State?: string | undefined;
  readonly VolumeId?: string | undefined;
  readonly VolumeSize?: number | undefined;
  readonly SseType?: string | undefined;
}

export interface RestoreVolumeFromRecycleBinResult {
  readonly Return?: boolean | undefined;
}

export interface Snapshot {
  readonly OwnerAlias?: string | undefined;
  readonly OutpostArn?: string | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly StorageTier?: string | undefined;
  readonly RestoreExpiryTime?: Date | undefined;
  readonly SseType?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly TransferType?: string | undefined;
  readonly CompletionDurationMinutes?: number | undefined;
  readonly CompletionTime?: Date | undefined;
  readonly FullSnapshotSizeInBytes?: number | undefined;
  readonly SnapshotId?: string | undefined;
  readonly VolumeId?: string | undefined;
  readonly State?: string | undefined;
  readonly StateMessage?: string | undefined;
  readonly StartTime?: Date | undefined;
  readonly Progress?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly Description?: string | undefined;
  readonly VolumeSize?: number | undefined;
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly DataEncryptionKeyId?: string | undefined;
}

export interface SnapshotInfo {
  readonly Description?: string | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly Encrypted?: boolean | undefined;
  readonly VolumeId?: string | undefined;
  readonly State?: string | undefined;
  readonly VolumeSize?: number | undefined;
  readonly StartTime?: Date | undefined;
  readonly Progress?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly SnapshotId?: string | undefined;
  readonly OutpostArn?: string | undefined;
  readonly SseType?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
}

export interface SnapshotRecycleBinInfo {
  readonly SnapshotId?: string | undefined;
  readonly RecycleBinEnterTime?: Date | undefined;
  readonly RecycleBinExitTime?: Date | undefined;
  readonly Description?: string | undefined;
  readonly VolumeId?: string | undefined;
}

export interface StateReason {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

export interface TagDescription {
  readonly Key?: string | undefined;
  readonly ResourceId?: string | undefined;
  readonly ResourceType?: string | undefined;
  readonly Value?: string | undefined;
}

export interface UnlockSnapshotResult {
  readonly SnapshotId?: string | undefined;
}

export interface Volume {
  readonly AvailabilityZoneId?: string | undefined;
  readonly OutpostArn?: string | undefined;
  readonly SourceVolumeId?: string | undefined;
  readonly Iops?: number | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly VolumeType?: string | undefined;
  readonly FastRestored?: boolean | undefined;
  readonly MultiAttachEnabled?: boolean | undefined;
  readonly Throughput?: number | undefined;
  readonly SseType?: string | undefined;
  readonly Operator?: OperatorResponse | undefined;
  readonly VolumeInitializationRate?: number | undefined;
  readonly VolumeArn?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly VolumeId?: string | undefined;
  readonly Size?: number | undefined;
  readonly SnapshotId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly State?: string | undefined;
  readonly CreateTime?: Date | undefined;
  readonly Attachments?: readonly VolumeAttachment[] | undefined;
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}

export interface VolumeAttachment {
  readonly DeleteOnTermination?: boolean | undefined;
  readonly AssociatedResource?: string | undefined;
  readonly InstanceOwningService?: string | undefined;
  readonly EbsCardIndex?: number | undefined;
  readonly VolumeId?: string | undefined;
  readonly InstanceId?: string | undefined;
  readonly Device?: string | undefined;
  readonly State?: string | undefined;
  readonly AttachTime?: Date | undefined;
}

export interface VolumeModification {
  readonly VolumeId?: string | undefined;
  readonly ModificationState?: string | undefined;
  readonly StatusMessage?: string | undefined;
  readonly TargetSize?: number | undefined;
  readonly TargetIops?: number | undefined;
  readonly TargetVolumeType?: string | undefined;
  readonly TargetThroughput?: number | undefined;
  readonly TargetMultiAttachEnabled?: boolean | undefined;
  readonly OriginalSize?: number | undefined;
  readonly OriginalIops?: number | undefined;
  readonly OriginalVolumeType?: string | undefined;
  readonly OriginalThroughput?: number | undefined;
  readonly OriginalMultiAttachEnabled?: boolean | undefined;
  readonly Progress?: number | undefined;
  readonly StartTime?: Date | undefined;
  readonly EndTime?: Date | undefined;
  readonly Operator?: OperatorResponse | undefined;
}

export interface VolumeRecycleBinInfo {
  readonly VolumeId?: string | undefined;
  readonly VolumeType?: string | undefined;
  readonly State?: string | undefined;
  readonly Size?: number | undefined;
  readonly Iops?: number | undefined;
  readonly Throughput?: number | undefined;
  readonly OutpostArn?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly AvailabilityZoneId?: string | undefined;
  readonly SourceVolumeId?: string | undefined;
  readonly SnapshotId?: string | undefined;
  readonly Operator?: OperatorResponse | undefined;
  readonly CreateTime?: Date | undefined;
  readonly RecycleBinEnterTime?: Date | undefined;
  readonly RecycleBinExitTime?: Date | undefined;
}

export interface VolumeStatusAction {
  readonly Code?: string | undefined;
  readonly Description?: string | undefined;
  readonly EventId?: string | undefined;
  readonly EventType?: string | undefined;
}

export interface VolumeStatusAttachmentStatus {
  readonly IoPerformance?: string | undefined;
  readonly InstanceId?: string | undefined;
}

export interface VolumeStatusDetails {
  readonly Name?: string | undefined;
  readonly Status?: string | undefined;
}

export interface VolumeStatusEvent {
  readonly Description?: string | undefined;
  readonly EventId?: string | undefined;
  readonly EventType?: string | undefined;
  readonly NotAfter?: Date | undefined;
  readonly NotBefore?: Date | undefined;
  readonly InstanceId?: string | undefined;
}

export interface VolumeStatusInfo {
  readonly Details?: readonly VolumeStatusDetails[] | undefined;
  readonly Status?: string | undefined;
}

export interface VolumeStatusItem {
  readonly Actions?: readonly VolumeStatusAction[] | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly OutpostArn?: string | undefined;
  readonly Events?: readonly VolumeStatusEvent[] | undefined;
  readonly VolumeId?: string | undefined;
  readonly VolumeStatus?: VolumeStatusInfo | undefined;
  readonly AttachmentStatuses?: readonly VolumeStatusAttachmentStatus[] | undefined;
  readonly InitializationStatusDetails?: InitializationStatusDetails | undefined;
  readonly AvailabilityZoneId?: string | undefined;
  readonly Operator?: OperatorResponse | undefined;
}

export interface Requests {
  readonly AttachVolume: AttachVolumeRequest;
  readonly CopySnapshot: CopySnapshotRequest;
  readonly CopyVolumes: CopyVolumesRequest;
  readonly CreateSnapshot: CreateSnapshotRequest;
  readonly CreateSnapshots: CreateSnapshotsRequest;
  readonly CreateTags: CreateTagsRequest;
  readonly CreateVolume: CreateVolumeRequest;
  readonly DeleteSnapshot: DeleteSnapshotRequest;
  readonly DeleteTags: DeleteTagsRequest;
  readonly DeleteVolume: DeleteVolumeRequest;
  readonly DescribeAccountAttributes: DescribeAccountAttributesRequest;
  readonly DescribeAvailabilityZones: DescribeAvailabilityZonesRequest;
  readonly DescribeInstanceAttribute: DescribeInstanceAttributeRequest;
  readonly DescribeInstances: DescribeInstancesRequest;
  readonly DescribeLockedSnapshots: DescribeLockedSnapshotsRequest;
  readonly DescribeRegions: DescribeRegionsRequest;
  readonly DescribeSnapshotAttribute: DescribeSnapshotAttributeRequest;
  readonly DescribeSnapshots: DescribeSnapshotsRequest;
  readonly DescribeTags: DescribeTagsRequest;
  readonly DescribeVolumeAttribute: DescribeVolumeAttributeRequest;
  readonly DescribeVolumeStatus: DescribeVolumeStatusRequest;
  readonly DescribeVolumes: DescribeVolumesRequest;
  readonly DescribeVolumesModifications: DescribeVolumesModificationsRequest;
  readonly DetachVolume: DetachVolumeRequest;
  readonly DisableEbsEncryptionByDefault: DisableEbsEncryptionByDefaultRequest;
  readonly DisableSnapshotBlockPublicAccess: DisableSnapshotBlockPublicAccessRequest;
  readonly EnableEbsEncryptionByDefault: EnableEbsEncryptionByDefaultRequest;
  readonly EnableSnapshotBlockPublicAccess: EnableSnapshotBlockPublicAccessRequest;
  readonly EnableVolumeIO: EnableVolumeIORequest;
  readonly GetEbsDefaultKmsKeyId: GetEbsDefaultKmsKeyIdRequest;
  readonly GetEbsEncryptionByDefault: GetEbsEncryptionByDefaultRequest;
  readonly GetSnapshotBlockPublicAccessState: GetSnapshotBlockPublicAccessStateRequest;
  readonly ListSnapshotsInRecycleBin: ListSnapshotsInRecycleBinRequest;
  readonly ListVolumesInRecycleBin: ListVolumesInRecycleBinRequest;
  readonly LockSnapshot: LockSnapshotRequest;
  readonly ModifyEbsDefaultKmsKeyId: ModifyEbsDefaultKmsKeyIdRequest;
  readonly ModifyInstanceAttribute: ModifyInstanceAttributeRequest;
  readonly ModifySnapshotAttribute: ModifySnapshotAttributeRequest;
  readonly ModifyVolume: ModifyVolumeRequest;
  readonly ModifyVolumeAttribute: ModifyVolumeAttributeRequest;
  readonly ResetEbsDefaultKmsKeyId: ResetEbsDefaultKmsKeyIdRequest;
  readonly ResetSnapshotAttribute: ResetSnapshotAttributeRequest;
  readonly RestoreSnapshotFromRecycleBin: RestoreSnapshotFromRecycleBinRequest;
  readonly RestoreVolumeFromRecycleBin: RestoreVolumeFromRecycleBinRequest;
  readonly UnlockSnapshot: UnlockSnapshotRequest;
}

/** `undefined` where the model has no response members. */
export interface Responses {
  readonly AttachVolume: VolumeAttachment;
  readonly CopySnapshot: CopySnapshotResult;
  readonly CopyVolumes: CopyVolumesResult;
  readonly CreateSnapshot: Snapshot;
  readonly CreateSnapshots: CreateSnapshotsResult;
  readonly CreateTags: undefined;
  readonly CreateVolume: Volume;
  readonly DeleteSnapshot: undefined;
  readonly DeleteTags: undefined;
  readonly DeleteVolume: undefined;
  readonly DescribeAccountAttributes: DescribeAccountAttributesResult;
  readonly DescribeAvailabilityZones: DescribeAvailabilityZonesResult;
  readonly DescribeInstanceAttribute: InstanceAttribute;
  readonly DescribeInstances: DescribeInstancesResult;
  readonly DescribeLockedSnapshots: DescribeLockedSnapshotsResult;
  readonly DescribeRegions: DescribeRegionsResult;
  readonly DescribeSnapshotAttribute: DescribeSnapshotAttributeResult;
  readonly DescribeSnapshots: DescribeSnapshotsResult;
  readonly DescribeTags: DescribeTagsResult;
  readonly DescribeVolumeAttribute: DescribeVolumeAttributeResult;
  readonly DescribeVolumeStatus: DescribeVolumeStatusResult;
  readonly DescribeVolumes: DescribeVolumesResult;
  readonly DescribeVolumesModifications: DescribeVolumesModificationsResult;
  readonly DetachVolume: VolumeAttachment;
  readonly DisableEbsEncryptionByDefault: DisableEbsEncryptionByDefaultResult;
  readonly DisableSnapshotBlockPublicAccess: DisableSnapshotBlockPublicAccessResult;
  readonly EnableEbsEncryptionByDefault: EnableEbsEncryptionByDefaultResult;
  readonly EnableSnapshotBlockPublicAccess: EnableSnapshotBlockPublicAccessResult;
  readonly EnableVolumeIO: undefined;
  readonly GetEbsDefaultKmsKeyId: GetEbsDefaultKmsKeyIdResult;
  readonly GetEbsEncryptionByDefault: GetEbsEncryptionByDefaultResult;
  readonly GetSnapshotBlockPublicAccessState: GetSnapshotBlockPublicAccessStateResult;
  readonly ListSnapshotsInRecycleBin: ListSnapshotsInRecycleBinResult;
  readonly ListVolumesInRecycleBin: ListVolumesInRecycleBinResult;
  readonly LockSnapshot: LockSnapshotResult;
  readonly ModifyEbsDefaultKmsKeyId: ModifyEbsDefaultKmsKeyIdResult;
  readonly ModifyInstanceAttribute: undefined;
  readonly ModifySnapshotAttribute: undefined;
  readonly ModifyVolume: ModifyVolumeResult;
  readonly ModifyVolumeAttribute: undefined;
  readonly ResetEbsDefaultKmsKeyId: ResetEbsDefaultKmsKeyIdResult;
  readonly ResetSnapshotAttribute: undefined;
  readonly RestoreSnapshotFromRecycleBin: RestoreSnapshotFromRecycleBinResult;
  readonly RestoreVolumeFromRecycleBin: RestoreVolumeFromRecycleBinResult;
  readonly UnlockSnapshot: UnlockSnapshotResult;
}

export const operations = {
  AttachVolume: { request: 'AttachVolumeRequest', response: 'VolumeAttachment' },
  CopySnapshot: { request: 'CopySnapshotRequest', response: 'CopySnapshotResult' },
  CopyVolumes: { request: 'CopyVolumesRequest', response: 'CopyVolumesResult' },
  CreateSnapshot: { request: 'CreateSnapshotRequest', response: 'Snapshot' },
  CreateSnapshots: { request: 'CreateSnapshotsRequest', response: 'CreateSnapshotsResult' },
  CreateTags: { request: 'CreateTagsRequest' },
  CreateVolume: { request: 'CreateVolumeRequest', response: 'Volume' },
  DeleteSnapshot: { request: 'DeleteSnapshotRequest' },
  DeleteTags: { request: 'DeleteTagsRequest' },
  DeleteVolume: { request: 'DeleteVolumeRequest' },
  DescribeAccountAttributes: { request: 'DescribeAccountAttributesRequest', response: 'DescribeAccountAttributesResult' },
  DescribeAvailabilityZones: { request: 'DescribeAvailabilityZonesRequest', response: 'DescribeAvailabilityZonesResult' },
  DescribeInstanceAttribute: { request: 'DescribeInstanceAttributeRequest', response: 'InstanceAttribute' },
  DescribeInstances: { request: 'DescribeInstancesRequest', response: 'DescribeInstancesResult' },
  DescribeLockedSnapshots: { request: 'DescribeLockedSnapshotsRequest', response: 'DescribeLockedSnapshotsResult' },
  DescribeRegions: { request: 'DescribeRegionsRequest', response: 'DescribeRegionsResult' },
  DescribeSnapshotAttribute: { request: 'DescribeSnapshotAttributeRequest', response: 'DescribeSnapshotAttributeResult' },
  DescribeSnapshots: { request: 'DescribeSnapshotsRequest', response: 'DescribeSnapshotsResult' },
  DescribeTags: { request: 'DescribeTagsRequest', response: 'DescribeTagsResult' },
  DescribeVolumeAttribute: { request: 'DescribeVolumeAttributeRequest', response: 'DescribeVolumeAttributeResult' },
  DescribeVolumeStatus: { request: 'DescribeVolumeStatusRequest', response: 'DescribeVolumeStatusResult' },
  DescribeVolumes: { request: 'DescribeVolumesRequest', response: 'DescribeVolumesResult' },
  DescribeVolumesModifications: { request: 'DescribeVolumesModificationsRequest', response: 'DescribeVolumesModificationsResult' },
  DetachVolume: { request: 'DetachVolumeRequest', response: 'VolumeAttachment' },
  DisableEbsEncryptionByDefault: { request: 'DisableEbsEncryptionByDefaultRequest', response: 'DisableEbsEncryptionByDefaultResult' },
  DisableSnapshotBlockPublicAccess: { request: 'DisableSnapshotBlockPublicAccessRequest', response: 'DisableSnapshotBlockPublicAccessResult' },
  EnableEbsEncryptionByDefault: { request: 'EnableEbsEncryptionByDefaultRequest', response: 'EnableEbsEncryptionByDefaultResult' },
  EnableSnapshotBlockPublicAccess: { request: 'EnableSnapshotBlockPublicAccessRequest', response: 'EnableSnapshotBlockPublicAccessResult' },
  EnableVolumeIO: { request: 'EnableVolumeIORequest' },
  GetEbsDefaultKmsKeyId: { request: 'GetEbsDefaultKmsKeyIdRequest', response: 'GetEbsDefaultKmsKeyIdResult' },
  GetEbsEncryptionByDefault: { request: 'GetEbsEncryptionByDefaultRequest', response: 'GetEbsEncryptionByDefaultResult' },
  GetSnapshotBlockPublicAccessState: { request: 'GetSnapshotBlockPublicAccessStateRequest', response: 'GetSnapshotBlockPublicAccessStateResult' },
  ListSnapshotsInRecycleBin: { request: 'ListSnapshotsInRecycleBinRequest', response: 'ListSnapshotsInRecycleBinResult' },
  ListVolumesInRecycleBin: { request: 'ListVolumesInRecycleBinRequest', response: 'ListVolumesInRecycleBinResult' },
  LockSnapshot: { request: 'LockSnapshotRequest', response: 'LockSnapshotResult' },
  ModifyEbsDefaultKmsKeyId: { request: 'ModifyEbsDefaultKmsKeyIdRequest', response: 'ModifyEbsDefaultKmsKeyIdResult' },
  ModifyInstanceAttribute: { request: 'ModifyInstanceAttributeRequest' },
  ModifySnapshotAttribute: { request: 'ModifySnapshotAttributeRequest' },
  ModifyVolume: { request: 'ModifyVolumeRequest', response: 'ModifyVolumeResult' },
  ModifyVolumeAttribute: { request: 'ModifyVolumeAttributeRequest' },
  ResetEbsDefaultKmsKeyId: { request: 'ResetEbsDefaultKmsKeyIdRequest', response: 'ResetEbsDefaultKmsKeyIdResult' },
  ResetSnapshotAttribute: { request: 'ResetSnapshotAttributeRequest' },
  RestoreSnapshotFromRecycleBin: { request: 'RestoreSnapshotFromRecycleBinRequest', response: 'RestoreSnapshotFromRecycleBinResult' },
  RestoreVolumeFromRecycleBin: { request: 'RestoreVolumeFromRecycleBinRequest', response: 'RestoreVolumeFromRecycleBinResult' },
  UnlockSnapshot: { request: 'UnlockSnapshotRequest', response: 'UnlockSnapshotResult' },
} as const satisfies Record<string, OperationSchema>;

export const requestStructures: Structures = {
  AttachVolumeRequest: [
    { name: 'Device', wireName: 'Device', type: { kind: 'string' }, required: true },
    { name: 'InstanceId', wireName: 'InstanceId', type: { kind: 'string' }, required: true },
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'EbsCardIndex', wireName: 'EbsCardIndex', type: { kind: 'number' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  AttributeBooleanValue: [
    { name: 'Value', wireName: 'Value', type: { kind: 'boolean' } },
  ],
  AttributeValue: [
    { name: 'Value', wireName: 'Value', type: { kind: 'string' } },
  ],
  CopySnapshotRequest: [
    { name: 'SourceRegion', wireName: 'SourceRegion', type: { kind: 'string' }, required: true },
    { name: 'SourceSnapshotId', wireName: 'SourceSnapshotId', type: { kind: 'string' }, required: true },
    { name: 'Description', wireName: 'Description', type: { kind: 'string' } },
    { name: 'DestinationOutpostArn', wireName: 'DestinationOutpostArn', type: { kind: 'string' } },
    { name: 'DestinationRegion', wireName: 'DestinationRegion', type: { kind: 'string' } },
    { name: 'Encrypted', wireName: 'Encrypted', type: { kind: 'boolean' } },
    { name: 'KmsKeyId', wireName: 'KmsKeyId', type: { kind: 'string' } },
    { name: 'PresignedUrl', wireName: 'PresignedUrl', type: { kind: 'string' } },
    { name: 'TagSpecifications', wireName: 'TagSpecification', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagSpecification' } } },
    { name: 'CompletionDurationMinutes', wireName: 'CompletionDurationMinutes', type: { kind: 'number' } },
    { name: 'DestinationAvailabilityZone', wireName: 'DestinationAvailabilityZone', type: { kind: 'string' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  CopyVolumesRequest: [
    { name: 'SourceVolumeId', wireName: 'SourceVolumeId', type: { kind: 'string' }, required: true },
    { name: 'Iops', wireName: 'Iops', type: { kind: 'number' } },
    { name: 'Size', wireName: 'Size', type: { kind: 'number' } },
    { name: 'VolumeType', wireName: 'VolumeType', type: { kind: 'string' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'TagSpecifications', wireName: 'TagSpecification', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagSpecification' } } },
    { name: 'MultiAttachEnabled', wireName: 'MultiAttachEnabled', type: { kind: 'boolean' } },
    { name: 'Throughput', wireName: 'Throughput', type: { kind: 'number' } },
    { name: 'ClientToken', wireName: 'ClientToken', type: { kind: 'string' } },
    { name: 'Encrypted', wireName: 'Encrypted', type: { kind: 'boolean' } },
    { name: 'KmsKeyId', wireName: 'KmsKeyId', type: { kind: 'string' } },
  ],
  CreateSnapshotRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'Description', wireName: 'Description', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'OutpostArn', type: { kind: 'string' } },
    { name: 'TagSpecifications', wireName: 'TagSpecification', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagSpecification' } } },
    { name: 'Location', wireName: 'Location', type: { kind: 'string' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  CreateSnapshotsRequest: [
    { name: 'InstanceSpecification', wireName: 'InstanceSpecification', type: { kind: 'structure', structure: 'InstanceSpecification' }, required: true },
    { name: 'Description', wireName: 'Description', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'OutpostArn', type: { kind: 'string' } },
    { name: 'TagSpecifications', wireName: 'TagSpecification', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagSpecification' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'CopyTagsFromSource', wireName: 'CopyTagsFromSource', type: { kind: 'string' } },
    { name: 'Location', wireName: 'Location', type: { kind: 'string' } },
  ],
  CreateTagsRequest: [
    { name: 'Resources', wireName: 'ResourceId', type: { kind: 'list', itemName: 'item', item: { kind: 'string' } }, required: true },
    { name: 'Tags', wireName: 'Tag', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  CreateVolumePermission: [
    { name: 'UserId', wireName: 'UserId', type: { kind: 'string' } },
    { name: 'Group', wireName: 'Group', type: { kind: 'string' } },
  ],
  CreateVolumePermissionModifications: [
    { name: 'Add', wireName: 'Add', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'CreateVolumePermission' } } },
    { name: 'Remove', wireName: 'Remove', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'CreateVolumePermission' } } },
  ],
  CreateVolumeRequest: [
    { name: 'AvailabilityZone', wireName: 'AvailabilityZone', type: { kind: 'string' } },
    { name: 'AvailabilityZoneId', wireName: 'AvailabilityZoneId', type: { kind: 'string' } },
    { name: 'Encrypted', wireName: 'Encrypted', type: { kind: 'boolean' } },
    { name: 'Iops', wireName: 'Iops', type: { kind: 'number' } },
    { name: 'KmsKeyId', wireName: 'KmsKeyId', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'OutpostArn', type: { kind: 'string' } },
    { name: 'Size', wireName: 'Size', type: { kind: 'number' } },
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' } },
    { name: 'VolumeType', wireName: 'VolumeType', type: { kind: 'string' } },
    { name: 'TagSpecifications', wireName: 'TagSpecification', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagSpecification' } } },
    { name: 'MultiAttachEnabled', wireName: 'MultiAttachEnabled', type: { kind: 'boolean' } },
    { name: 'Throughput', wireName: 'Throughput', type: { kind: 'number' } },
    { name: 'ClientToken', wireName: 'ClientToken', type: { kind: 'string' } },
    { name: 'VolumeInitializationRate', wireName: 'VolumeInitializationRate', type: { kind: 'number' } },
    { name: 'Operator', wireName: 'Operator', type: { kind: 'structure', structure: 'OperatorRequest' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DeleteSnapshotRequest: [
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DeleteTagsRequest: [
    { name: 'Resources', wireName: 'ResourceId', type: { kind: 'list', itemName: 'item', item: { kind: 'string' } }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Tags', wireName: 'Tag', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
  ],
  DeleteVolumeRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DescribeAccountAttributesRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'AttributeNames', wireName: 'AttributeName', type: { kind: 'list', itemName: 'attributeName', item: { kind: 'string' } } },
  ],
  DescribeAvailabilityZonesRequest: [
    { name: 'ZoneNames', wireName: 'ZoneName', type: { kind: 'list', itemName: 'ZoneName', item: { kind: 'string' } } },
    { name: 'ZoneIds', wireName: 'ZoneId', type: { kind: 'list', itemName: 'ZoneId', item: { kind: 'string' } } },
    { name: 'AllAvailabilityZones', wireName: 'AllAvailabilityZones', type: { kind: 'boolean' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
  ],
  DescribeInstanceAttributeRequest: [
    { name: 'InstanceId', wireName: 'InstanceId', type: { kind: 'string' }, required: true },
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DescribeInstancesRequest: [
    { name: 'InstanceIds', wireName: 'InstanceId', type: { kind: 'list', itemName: 'InstanceId', item: { kind: 'string' } } },
    { name: 'IncludeManagedResources', wireName: 'IncludeManagedResources', type: { kind: 'boolean' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
  ],
  DescribeLockedSnapshotsRequest: [
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'SnapshotIds', wireName: 'SnapshotId', type: { kind: 'list', itemName: 'SnapshotId', item: { kind: 'string' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DescribeRegionsRequest: [
    { name: 'RegionNames', wireName: 'RegionName', type: { kind: 'list', itemName: 'RegionName', item: { kind: 'string' } } },
    { name: 'AllRegions', wireName: 'AllRegions', type: { kind: 'boolean' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
  ],
  DescribeSnapshotAttributeRequest: [
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' }, required: true },
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DescribeSnapshotsRequest: [
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'OwnerIds', wireName: 'Owner', type: { kind: 'list', itemName: 'Owner', item: { kind: 'string' } } },
    { name: 'RestorableByUserIds', wireName: 'RestorableBy', type: { kind: 'list', itemName: 'item', item: { kind: 'string' } } },
    { name: 'SnapshotIds', wireName: 'SnapshotId', type: { kind: 'list', itemName: 'SnapshotId', item: { kind: 'string' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
  ],
  DescribeTagsRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
  ],
  DescribeVolumeAttributeRequest: [
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' }, required: true },
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DescribeVolumeStatusRequest: [
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'VolumeIds', wireName: 'VolumeId', type: { kind: 'list', itemName: 'VolumeId', item: { kind: 'string' } } },
    { name: 'IncludeManagedResources', wireName: 'IncludeManagedResources', type: { kind: 'boolean' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
  ],
  DescribeVolumesModificationsRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'VolumeIds', wireName: 'VolumeId', type: { kind: 'list', itemName: 'VolumeId', item: { kind: 'string' } } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'IncludeManagedResources', wireName: 'IncludeManagedResources', type: { kind: 'boolean' } },
  ],
  DescribeVolumesRequest: [
    { name: 'VolumeIds', wireName: 'VolumeId', type: { kind: 'list', itemName: 'VolumeId', item: { kind: 'string' } } },
    { name: 'IncludeManagedResources', wireName: 'IncludeManagedResources', type: { kind: 'boolean' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Filters', wireName: 'Filter', type: { kind: 'list', itemName: 'Filter', item: { kind: 'structure', structure: 'Filter' } } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
  ],
  DetachVolumeRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'Device', wireName: 'Device', type: { kind: 'string' } },
    { name: 'Force', wireName: 'Force', type: { kind: 'boolean' } },
    { name: 'InstanceId', wireName: 'InstanceId', type: { kind: 'string' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DisableEbsEncryptionByDefaultRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  DisableSnapshotBlockPublicAccessRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  EbsInstanceBlockDeviceSpecification: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' } },
    { name: 'DeleteOnTermination', wireName: 'DeleteOnTermination', type: { kind: 'boolean' } },
  ],
  EnableEbsEncryptionByDefaultRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  EnableSnapshotBlockPublicAccessRequest: [
    { name: 'State', wireName: 'State', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  EnableVolumeIORequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  EnclaveOptionsRequest: [
    { name: 'Enabled', wireName: 'Enabled', type: { kind: 'boolean' } },
  ],
  Filter: [
    { name: 'Name', wireName: 'Name', type: { kind: 'string' } },
    { name: 'Values', wireName: 'Value', type: { kind: 'list', itemName: 'item', item: { kind: 'string' } } },
  ],
  GetEbsDefaultKmsKeyIdRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  GetEbsEncryptionByDefaultRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  GetSnapshotBlockPublicAccessStateRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  InstanceBlockDeviceMappingSpecification: [
    { name: 'DeviceName', wireName: 'DeviceName', type: { kind: 'string' } },
    { name: 'Ebs', wireName: 'Ebs', type: { kind: 'structure', structure: 'EbsInstanceBlockDeviceSpecification' } },
    { name: 'VirtualName', wireName: 'VirtualName', type: { kind: 'string' } },
    { name: 'NoDevice', wireName: 'NoDevice', type: { kind: 'string' } },
  ],
  InstanceSpecification: [
    { name: 'InstanceId', wireName: 'InstanceId', type: { kind: 'string' }, required: true },
    { name: 'ExcludeBootVolume', wireName: 'ExcludeBootVolume', type: { kind: 'boolean' } },
    { name: 'ExcludeDataVolumeIds', wireName: 'ExcludeDataVolumeId', type: { kind: 'list', itemName: 'VolumeId', item: { kind: 'string' } } },
  ],
  ListSnapshotsInRecycleBinRequest: [
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
    { name: 'SnapshotIds', wireName: 'SnapshotId', type: { kind: 'list', itemName: 'SnapshotId', item: { kind: 'string' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  ListVolumesInRecycleBinRequest: [
    { name: 'VolumeIds', wireName: 'VolumeId', type: { kind: 'list', itemName: 'VolumeId', item: { kind: 'string' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'MaxResults', wireName: 'MaxResults', type: { kind: 'number' } },
    { name: 'NextToken', wireName: 'NextToken', type: { kind: 'string' } },
  ],
  LockSnapshotRequest: [
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'LockMode', wireName: 'LockMode', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'CoolOffPeriod', wireName: 'CoolOffPeriod', type: { kind: 'number' } },
    { name: 'LockDuration', wireName: 'LockDuration', type: { kind: 'number' } },
    { name: 'ExpirationDate', wireName: 'ExpirationDate', type: { kind: 'timestamp' } },
  ],
  ModifyEbsDefaultKmsKeyIdRequest: [
    { name: 'KmsKeyId', wireName: 'KmsKeyId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  ModifyInstanceAttributeRequest: [
    { name: 'InstanceId', wireName: 'InstanceId', type: { kind: 'string' }, required: true },
    { name: 'SourceDestCheck', wireName: 'SourceDestCheck', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'EnclaveOptions', wireName: 'EnclaveOptions', type: { kind: 'structure', structure: 'EnclaveOptionsRequest' } },
    { name: 'DisableApiStop', wireName: 'DisableApiStop', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' } },
    { name: 'Value', wireName: 'Value', type: { kind: 'string' } },
    { name: 'BlockDeviceMappings', wireName: 'BlockDeviceMapping', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceBlockDeviceMappingSpecification' } } },
    { name: 'DisableApiTermination', wireName: 'DisableApiTermination', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'InstanceType', wireName: 'InstanceType', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'Kernel', wireName: 'Kernel', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'Ramdisk', wireName: 'Ramdisk', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'UserData', wireName: 'UserData', type: { kind: 'structure', structure: 'SecureBlobAttributeValue' } },
    { name: 'InstanceInitiatedShutdownBehavior', wireName: 'InstanceInitiatedShutdownBehavior', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'Groups', wireName: 'GroupId', type: { kind: 'list', itemName: 'groupId', item: { kind: 'string' } } },
    { name: 'EbsOptimized', wireName: 'EbsOptimized', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'SriovNetSupport', wireName: 'SriovNetSupport', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'EnaSupport', wireName: 'EnaSupport', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
  ],
  ModifySnapshotAttributeRequest: [
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' } },
    { name: 'CreateVolumePermission', wireName: 'CreateVolumePermission', type: { kind: 'structure', structure: 'CreateVolumePermissionModifications' } },
    { name: 'GroupNames', wireName: 'UserGroup', type: { kind: 'list', itemName: 'GroupName', item: { kind: 'string' } } },
    { name: 'OperationType', wireName: 'OperationType', type: { kind: 'string' } },
    { name: 'UserIds', wireName: 'UserId', type: { kind: 'list', itemName: 'UserId', item: { kind: 'string' } } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  ModifyVolumeAttributeRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'AutoEnableIO', wireName: 'AutoEnableIO', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  ModifyVolumeRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
    { name: 'Size', wireName: 'Size', type: { kind: 'number' } },
    { name: 'VolumeType', wireName: 'VolumeType', type: { kind: 'string' } },
    { name: 'Iops', wireName: 'Iops', type: { kind: 'number' } },
    { name: 'Throughput', wireName: 'Throughput', type: { kind: 'number' } },
    { name: 'MultiAttachEnabled', wireName: 'MultiAttachEnabled', type: { kind: 'boolean' } },
  ],
  OperatorRequest: [
    { name: 'Principal', wireName: 'Principal', type: { kind: 'string' } },
  ],
  ResetEbsDefaultKmsKeyIdRequest: [
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  ResetSnapshotAttributeRequest: [
    { name: 'Attribute', wireName: 'Attribute', type: { kind: 'string' }, required: true },
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  RestoreSnapshotFromRecycleBinRequest: [
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  RestoreVolumeFromRecycleBinRequest: [
    { name: 'VolumeId', wireName: 'VolumeId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
  SecureBlobAttributeValue: [
    { name: 'Value', wireName: 'Value', type: { kind: 'string' } },
  ],
  Tag: [
    { name: 'Key', wireName: 'Key', type: { kind: 'string' } },
    { name: 'Value', wireName: 'Value', type: { kind: 'string' } },
  ],
  TagSpecification: [
    { name: 'ResourceType', wireName: 'ResourceType', type: { kind: 'string' } },
    { name: 'Tags', wireName: 'Tag', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
  ],
  UnlockSnapshotRequest: [
    { name: 'SnapshotId', wireName: 'SnapshotId', type: { kind: 'string' }, required: true },
    { name: 'DryRun', wireName: 'DryRun', type: { kind: 'boolean' } },
  ],
};

export const responseStructures: Structures = {
  AccountAttribute: [
    { name: 'AttributeName', wireName: 'attributeName', type: { kind: 'string' } },
    { name: 'AttributeValues', wireName: 'attributeValueSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AccountAttributeValue' } } },
  ],
  AccountAttributeValue: [
    { name: 'AttributeValue', wireName: 'attributeValue', type: { kind: 'string' } },
  ],
  AttributeBooleanValue: [
    { name: 'Value', wireName: 'value', type: { kind: 'boolean' } },
  ],
  AttributeValue: [
    { name: 'Value', wireName: 'value', type: { kind: 'string' } },
  ],
  AvailabilityZone: [
    { name: 'OptInStatus', wireName: 'optInStatus', type: { kind: 'string' } },
    { name: 'Messages', wireName: 'messageSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AvailabilityZoneMessage' } } },
    { name: 'RegionName', wireName: 'regionName', type: { kind: 'string' } },
    { name: 'ZoneName', wireName: 'zoneName', type: { kind: 'string' } },
    { name: 'ZoneId', wireName: 'zoneId', type: { kind: 'string' } },
    { name: 'GroupName', wireName: 'groupName', type: { kind: 'string' } },
    { name: 'NetworkBorderGroup', wireName: 'networkBorderGroup', type: { kind: 'string' } },
    { name: 'ZoneType', wireName: 'zoneType', type: { kind: 'string' } },
    { name: 'ParentZoneName', wireName: 'parentZoneName', type: { kind: 'string' } },
    { name: 'ParentZoneId', wireName: 'parentZoneId', type: { kind: 'string' } },
    { name: 'GroupLongName', wireName: 'groupLongName', type: { kind: 'string' } },
    { name: 'Geography', wireName: 'geographySet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AvailabilityZoneGeography' } } },
    { name: 'SubGeography', wireName: 'subGeographySet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AvailabilityZoneSubGeography' } } },
    { name: 'State', wireName: 'zoneState', type: { kind: 'string' } },
  ],
  AvailabilityZoneGeography: [
    { name: 'Name', wireName: 'name', type: { kind: 'string' } },
  ],
  AvailabilityZoneMessage: [
    { name: 'Message', wireName: 'message', type: { kind: 'string' } },
  ],
  AvailabilityZoneSubGeography: [
    { name: 'Name', wireName: 'name', type: { kind: 'string' } },
  ],
  CapacityReservationSpecificationResponse: [
    { name: 'CapacityReservationPreference', wireName: 'capacityReservationPreference', type: { kind: 'string' } },
    { name: 'CapacityReservationTarget', wireName: 'capacityReservationTarget', type: { kind: 'structure', structure: 'CapacityReservationTargetResponse' } },
  ],
  CapacityReservationTargetResponse: [
    { name: 'CapacityReservationId', wireName: 'capacityReservationId', type: { kind: 'string' } },
    { name: 'CapacityReservationResourceGroupArn', wireName: 'capacityReservationResourceGroupArn', type: { kind: 'string' } },
  ],
  ConnectionTrackingSpecificationResponse: [
    { name: 'TcpEstablishedTimeout', wireName: 'tcpEstablishedTimeout', type: { kind: 'number' } },
    { name: 'UdpStreamTimeout', wireName: 'udpStreamTimeout', type: { kind: 'number' } },
    { name: 'UdpTimeout', wireName: 'udpTimeout', type: { kind: 'number' } },
  ],
  CopySnapshotResult: [
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
  ],
  CopyVolumesResult: [
    { name: 'Volumes', wireName: 'volumeSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Volume' } } },
  ],
  CpuOptions: [
    { name: 'CoreCount', wireName: 'coreCount', type: { kind: 'number' } },
    { name: 'ThreadsPerCore', wireName: 'threadsPerCore', type: { kind: 'number' } },
    { name: 'AmdSevSnp', wireName: 'amdSevSnp', type: { kind: 'string' } },
    { name: 'NestedVirtualization', wireName: 'nestedVirtualization', type: { kind: 'string' } },
  ],
  CreateSnapshotsResult: [
    { name: 'Snapshots', wireName: 'snapshotSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'SnapshotInfo' } } },
  ],
  CreateVolumePermission: [
    { name: 'UserId', wireName: 'userId', type: { kind: 'string' } },
    { name: 'Group', wireName: 'group', type: { kind: 'string' } },
  ],
  DescribeAccountAttributesResult: [
    { name: 'AccountAttributes', wireName: 'accountAttributeSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AccountAttribute' } } },
  ],
  DescribeAvailabilityZonesResult: [
    { name: 'AvailabilityZones', wireName: 'availabilityZoneInfo', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'AvailabilityZone' } } },
  ],
  DescribeInstancesResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'Reservations', wireName: 'reservationSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Reservation' } } },
  ],
  DescribeLockedSnapshotsResult: [
    { name: 'Snapshots', wireName: 'snapshotSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'LockedSnapshotsInfo' } } },
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
  ],
  DescribeRegionsResult: [
    { name: 'Regions', wireName: 'regionInfo', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Region' } } },
  ],
  DescribeSnapshotAttributeResult: [
    { name: 'ProductCodes', wireName: 'productCodes', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ProductCode' } } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'CreateVolumePermissions', wireName: 'createVolumePermission', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'CreateVolumePermission' } } },
  ],
  DescribeSnapshotsResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'Snapshots', wireName: 'snapshotSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Snapshot' } } },
  ],
  DescribeTagsResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'TagDescription' } } },
  ],
  DescribeVolumeAttributeResult: [
    { name: 'AutoEnableIO', wireName: 'autoEnableIO', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'ProductCodes', wireName: 'productCodes', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ProductCode' } } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
  ],
  DescribeVolumeStatusResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'VolumeStatuses', wireName: 'volumeStatusSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeStatusItem' } } },
  ],
  DescribeVolumesModificationsResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'VolumesModifications', wireName: 'volumeModificationSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeModification' } } },
  ],
  DescribeVolumesResult: [
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
    { name: 'Volumes', wireName: 'volumeSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Volume' } } },
  ],
  DisableEbsEncryptionByDefaultResult: [
    { name: 'EbsEncryptionByDefault', wireName: 'ebsEncryptionByDefault', type: { kind: 'boolean' } },
  ],
  DisableSnapshotBlockPublicAccessResult: [
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
  ],
  EbsInstanceBlockDevice: [
    { name: 'AttachTime', wireName: 'attachTime', type: { kind: 'timestamp' } },
    { name: 'DeleteOnTermination', wireName: 'deleteOnTermination', type: { kind: 'boolean' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'AssociatedResource', wireName: 'associatedResource', type: { kind: 'string' } },
    { name: 'VolumeOwnerId', wireName: 'volumeOwnerId', type: { kind: 'string' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
    { name: 'EbsCardIndex', wireName: 'ebsCardIndex', type: { kind: 'number' } },
  ],
  ElasticGpuAssociation: [
    { name: 'ElasticGpuId', wireName: 'elasticGpuId', type: { kind: 'string' } },
    { name: 'ElasticGpuAssociationId', wireName: 'elasticGpuAssociationId', type: { kind: 'string' } },
    { name: 'ElasticGpuAssociationState', wireName: 'elasticGpuAssociationState', type: { kind: 'string' } },
    { name: 'ElasticGpuAssociationTime', wireName: 'elasticGpuAssociationTime', type: { kind: 'string' } },
  ],
  ElasticInferenceAcceleratorAssociation: [
    { name: 'ElasticInferenceAcceleratorArn', wireName: 'elasticInferenceAcceleratorArn', type: { kind: 'string' } },
    { name: 'ElasticInferenceAcceleratorAssociationId', wireName: 'elasticInferenceAcceleratorAssociationId', type: { kind: 'string' } },
    { name: 'ElasticInferenceAcceleratorAssociationState', wireName: 'elasticInferenceAcceleratorAssociationState', type: { kind: 'string' } },
    { name: 'ElasticInferenceAcceleratorAssociationTime', wireName: 'elasticInferenceAcceleratorAssociationTime', type: { kind: 'timestamp' } },
  ],
  EnableEbsEncryptionByDefaultResult: [
    { name: 'EbsEncryptionByDefault', wireName: 'ebsEncryptionByDefault', type: { kind: 'boolean' } },
  ],
  EnableSnapshotBlockPublicAccessResult: [
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
  ],
  EnclaveOptions: [
    { name: 'Enabled', wireName: 'enabled', type: { kind: 'boolean' } },
  ],
  GetEbsDefaultKmsKeyIdResult: [
    { name: 'KmsKeyId', wireName: 'kmsKeyId', type: { kind: 'string' } },
  ],
  GetEbsEncryptionByDefaultResult: [
    { name: 'EbsEncryptionByDefault', wireName: 'ebsEncryptionByDefault', type: { kind: 'boolean' } },
    { name: 'SseType', wireName: 'sseType', type: { kind: 'string' } },
  ],
  GetSnapshotBlockPublicAccessStateResult: [
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
    { name: 'ManagedBy', wireName: 'managedBy', type: { kind: 'string' } },
  ],
  GroupIdentifier: [
    { name: 'GroupId', wireName: 'groupId', type: { kind: 'string' } },
    { name: 'GroupName', wireName: 'groupName', type: { kind: 'string' } },
  ],
  HibernationOptions: [
    { name: 'Configured', wireName: 'configured', type: { kind: 'boolean' } },
  ],
  IamInstanceProfile: [
    { name: 'Arn', wireName: 'arn', type: { kind: 'string' } },
    { name: 'Id', wireName: 'id', type: { kind: 'string' } },
  ],
  InitializationStatusDetails: [
    { name: 'InitializationType', wireName: 'initializationType', type: { kind: 'string' } },
    { name: 'Progress', wireName: 'progress', type: { kind: 'number' } },
    { name: 'EstimatedTimeToCompleteInSeconds', wireName: 'estimatedTimeToCompleteInSeconds', type: { kind: 'number' } },
  ],
  Instance: [
    { name: 'Architecture', wireName: 'architecture', type: { kind: 'string' } },
    { name: 'BlockDeviceMappings', wireName: 'blockDeviceMapping', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceBlockDeviceMapping' } } },
    { name: 'ClientToken', wireName: 'clientToken', type: { kind: 'string' } },
    { name: 'EbsOptimized', wireName: 'ebsOptimized', type: { kind: 'boolean' } },
    { name: 'EnaSupport', wireName: 'enaSupport', type: { kind: 'boolean' } },
    { name: 'Hypervisor', wireName: 'hypervisor', type: { kind: 'string' } },
    { name: 'IamInstanceProfile', wireName: 'iamInstanceProfile', type: { kind: 'structure', structure: 'IamInstanceProfile' } },
    { name: 'InstanceLifecycle', wireName: 'instanceLifecycle', type: { kind: 'string' } },
    { name: 'ElasticGpuAssociations', wireName: 'elasticGpuAssociationSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ElasticGpuAssociation' } } },
    { name: 'ElasticInferenceAcceleratorAssociations', wireName: 'elasticInferenceAcceleratorAssociationSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ElasticInferenceAcceleratorAssociation' } } },
    { name: 'NetworkInterfaces', wireName: 'networkInterfaceSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceNetworkInterface' } } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'RootDeviceName', wireName: 'rootDeviceName', type: { kind: 'string' } },
    { name: 'RootDeviceType', wireName: 'rootDeviceType', type: { kind: 'string' } },
    { name: 'SecurityGroups', wireName: 'groupSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'GroupIdentifier' } } },
    { name: 'SourceDestCheck', wireName: 'sourceDestCheck', type: { kind: 'boolean' } },
    { name: 'SpotInstanceRequestId', wireName: 'spotInstanceRequestId', type: { kind: 'string' } },
    { name: 'SriovNetSupport', wireName: 'sriovNetSupport', type: { kind: 'string' } },
    { name: 'StateReason', wireName: 'stateReason', type: { kind: 'structure', structure: 'StateReason' } },
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
    { name: 'VirtualizationType', wireName: 'virtualizationType', type: { kind: 'string' } },
    { name: 'CpuOptions', wireName: 'cpuOptions', type: { kind: 'structure', structure: 'CpuOptions' } },
    { name: 'CapacityBlockId', wireName: 'capacityBlockId', type: { kind: 'string' } },
    { name: 'CapacityReservationId', wireName: 'capacityReservationId', type: { kind: 'string' } },
    { name: 'CapacityReservationSpecification', wireName: 'capacityReservationSpecification', type: { kind: 'structure', structure: 'CapacityReservationSpecificationResponse' } },
    { name: 'HibernationOptions', wireName: 'hibernationOptions', type: { kind: 'structure', structure: 'HibernationOptions' } },
    { name: 'Licenses', wireName: 'licenseSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'LicenseConfiguration' } } },
    { name: 'MetadataOptions', wireName: 'metadataOptions', type: { kind: 'structure', structure: 'InstanceMetadataOptionsResponse' } },
    { name: 'EnclaveOptions', wireName: 'enclaveOptions', type: { kind: 'structure', structure: 'EnclaveOptions' } },
    { name: 'BootMode', wireName: 'bootMode', type: { kind: 'string' } },
    { name: 'PlatformDetails', wireName: 'platformDetails', type: { kind: 'string' } },
    { name: 'UsageOperation', wireName: 'usageOperation', type: { kind: 'string' } },
    { name: 'UsageOperationUpdateTime', wireName: 'usageOperationUpdateTime', type: { kind: 'timestamp' } },
    { name: 'PrivateDnsNameOptions', wireName: 'privateDnsNameOptions', type: { kind: 'structure', structure: 'PrivateDnsNameOptionsResponse' } },
    { name: 'Ipv6Address', wireName: 'ipv6Address', type: { kind: 'string' } },
    { name: 'TpmSupport', wireName: 'tpmSupport', type: { kind: 'string' } },
    { name: 'MaintenanceOptions', wireName: 'maintenanceOptions', type: { kind: 'structure', structure: 'InstanceMaintenanceOptions' } },
    { name: 'CurrentInstanceBootMode', wireName: 'currentInstanceBootMode', type: { kind: 'string' } },
    { name: 'NetworkPerformanceOptions', wireName: 'networkPerformanceOptions', type: { kind: 'structure', structure: 'InstanceNetworkPerformanceOptions' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
    { name: 'SecondaryInterfaces', wireName: 'secondaryInterfaceSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceSecondaryInterface' } } },
    { name: 'InstanceId', wireName: 'instanceId', type: { kind: 'string' } },
    { name: 'ImageId', wireName: 'imageId', type: { kind: 'string' } },
    { name: 'State', wireName: 'instanceState', type: { kind: 'structure', structure: 'InstanceState' } },
    { name: 'PrivateDnsName', wireName: 'privateDnsName', type: { kind: 'string' } },
    { name: 'PublicDnsName', wireName: 'dnsName', type: { kind: 'string' } },
    { name: 'StateTransitionReason', wireName: 'reason', type: { kind: 'string' } },
    { name: 'KeyName', wireName: 'keyName', type: { kind: 'string' } },
    { name: 'AmiLaunchIndex', wireName: 'amiLaunchIndex', type: { kind: 'number' } },
    { name: 'ProductCodes', wireName: 'productCodes', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ProductCode' } } },
    { name: 'InstanceType', wireName: 'instanceType', type: { kind: 'string' } },
    { name: 'LaunchTime', wireName: 'launchTime', type: { kind: 'timestamp' } },
    { name: 'Placement', wireName: 'placement', type: { kind: 'structure', structure: 'Placement' } },
    { name: 'KernelId', wireName: 'kernelId', type: { kind: 'string' } },
    { name: 'RamdiskId', wireName: 'ramdiskId', type: { kind: 'string' } },
    { name: 'Platform', wireName: 'platform', type: { kind: 'string' } },
    { name: 'Monitoring', wireName: 'monitoring', type: { kind: 'structure', structure: 'Monitoring' } },
    { name: 'SubnetId', wireName: 'subnetId', type: { kind: 'string' } },
    { name: 'VpcId', wireName: 'vpcId', type: { kind: 'string' } },
    { name: 'PrivateIpAddress', wireName: 'privateIpAddress', type: { kind: 'string' } },
    { name: 'PublicIpAddress', wireName: 'ipAddress', type: { kind: 'string' } },
  ],
  InstanceAttachmentEnaSrdSpecification: [
    { name: 'EnaSrdEnabled', wireName: 'enaSrdEnabled', type: { kind: 'boolean' } },
    { name: 'EnaSrdUdpSpecification', wireName: 'enaSrdUdpSpecification', type: { kind: 'structure', structure: 'InstanceAttachmentEnaSrdUdpSpecification' } },
  ],
  InstanceAttachmentEnaSrdUdpSpecification: [
    { name: 'EnaSrdUdpEnabled', wireName: 'enaSrdUdpEnabled', type: { kind: 'boolean' } },
  ],
  InstanceAttribute: [
    { name: 'BlockDeviceMappings', wireName: 'blockDeviceMapping', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceBlockDeviceMapping' } } },
    { name: 'DisableApiTermination', wireName: 'disableApiTermination', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'EnaSupport', wireName: 'enaSupport', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'EnclaveOptions', wireName: 'enclaveOptions', type: { kind: 'structure', structure: 'EnclaveOptions' } },
    { name: 'EbsOptimized', wireName: 'ebsOptimized', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'InstanceId', wireName: 'instanceId', type: { kind: 'string' } },
    { name: 'InstanceInitiatedShutdownBehavior', wireName: 'instanceInitiatedShutdownBehavior', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'InstanceType', wireName: 'instanceType', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'KernelId', wireName: 'kernel', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'ProductCodes', wireName: 'productCodes', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'ProductCode' } } },
    { name: 'RamdiskId', wireName: 'ramdisk', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'RootDeviceName', wireName: 'rootDeviceName', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'SourceDestCheck', wireName: 'sourceDestCheck', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'SriovNetSupport', wireName: 'sriovNetSupport', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'UserData', wireName: 'userData', type: { kind: 'structure', structure: 'AttributeValue' } },
    { name: 'DisableApiStop', wireName: 'disableApiStop', type: { kind: 'structure', structure: 'AttributeBooleanValue' } },
    { name: 'Groups', wireName: 'groupSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'GroupIdentifier' } } },
  ],
  InstanceBlockDeviceMapping: [
    { name: 'DeviceName', wireName: 'deviceName', type: { kind: 'string' } },
    { name: 'Ebs', wireName: 'ebs', type: { kind: 'structure', structure: 'EbsInstanceBlockDevice' } },
  ],
  InstanceIpv4Prefix: [
    { name: 'Ipv4Prefix', wireName: 'ipv4Prefix', type: { kind: 'string' } },
  ],
  InstanceIpv6Address: [
    { name: 'Ipv6Address', wireName: 'ipv6Address', type: { kind: 'string' } },
    { name: 'IsPrimaryIpv6', wireName: 'isPrimaryIpv6', type: { kind: 'boolean' } },
  ],
  InstanceIpv6Prefix: [
    { name: 'Ipv6Prefix', wireName: 'ipv6Prefix', type: { kind: 'string' } },
  ],
  InstanceMaintenanceOptions: [
    { name: 'AutoRecovery', wireName: 'autoRecovery', type: { kind: 'string' } },
    { name: 'RebootMigration', wireName: 'rebootMigration', type: { kind: 'string' } },
  ],
  InstanceMetadataOptionsResponse: [
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
    { name: 'HttpTokens', wireName: 'httpTokens', type: { kind: 'string' } },
    { name: 'HttpPutResponseHopLimit', wireName: 'httpPutResponseHopLimit', type: { kind: 'number' } },
    { name: 'HttpEndpoint', wireName: 'httpEndpoint', type: { kind: 'string' } },
    { name: 'HttpProtocolIpv6', wireName: 'httpProtocolIpv6', type: { kind: 'string' } },
    { name: 'InstanceMetadataTags', wireName: 'instanceMetadataTags', type: { kind: 'string' } },
  ],
  InstanceNetworkInterface: [
    { name: 'Association', wireName: 'association', type: { kind: 'structure', structure: 'InstanceNetworkInterfaceAssociation' } },
    { name: 'Attachment', wireName: 'attachment', type: { kind: 'structure', structure: 'InstanceNetworkInterfaceAttachment' } },
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'Groups', wireName: 'groupSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'GroupIdentifier' } } },
    { name: 'Ipv6Addresses', wireName: 'ipv6AddressesSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceIpv6Address' } } },
    { name: 'MacAddress', wireName: 'macAddress', type: { kind: 'string' } },
    { name: 'NetworkInterfaceId', wireName: 'networkInterfaceId', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'PrivateDnsName', wireName: 'privateDnsName', type: { kind: 'string' } },
    { name: 'PrivateIpAddress', wireName: 'privateIpAddress', type: { kind: 'string' } },
    { name: 'PrivateIpAddresses', wireName: 'privateIpAddressesSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstancePrivateIpAddress' } } },
    { name: 'SourceDestCheck', wireName: 'sourceDestCheck', type: { kind: 'boolean' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
    { name: 'SubnetId', wireName: 'subnetId', type: { kind: 'string' } },
    { name: 'VpcId', wireName: 'vpcId', type: { kind: 'string' } },
    { name: 'InterfaceType', wireName: 'interfaceType', type: { kind: 'string' } },
    { name: 'Ipv4Prefixes', wireName: 'ipv4PrefixSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceIpv4Prefix' } } },
    { name: 'Ipv6Prefixes', wireName: 'ipv6PrefixSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceIpv6Prefix' } } },
    { name: 'ConnectionTrackingConfiguration', wireName: 'connectionTrackingConfiguration', type: { kind: 'structure', structure: 'ConnectionTrackingSpecificationResponse' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
  ],
  InstanceNetworkInterfaceAssociation: [
    { name: 'CarrierIp', wireName: 'carrierIp', type: { kind: 'string' } },
    { name: 'CustomerOwnedIp', wireName: 'customerOwnedIp', type: { kind: 'string' } },
    { name: 'IpOwnerId', wireName: 'ipOwnerId', type: { kind: 'string' } },
    { name: 'PublicDnsName', wireName: 'publicDnsName', type: { kind: 'string' } },
    { name: 'PublicIp', wireName: 'publicIp', type: { kind: 'string' } },
  ],
  InstanceNetworkInterfaceAttachment: [
    { name: 'AttachTime', wireName: 'attachTime', type: { kind: 'timestamp' } },
    { name: 'AttachmentId', wireName: 'attachmentId', type: { kind: 'string' } },
    { name: 'DeleteOnTermination', wireName: 'deleteOnTermination', type: { kind: 'boolean' } },
    { name: 'DeviceIndex', wireName: 'deviceIndex', type: { kind: 'number' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
    { name: 'NetworkCardIndex', wireName: 'networkCardIndex', type: { kind: 'number' } },
    { name: 'EnaSrdSpecification', wireName: 'enaSrdSpecification', type: { kind: 'structure', structure: 'InstanceAttachmentEnaSrdSpecification' } },
    { name: 'EnaQueueCount', wireName: 'enaQueueCount', type: { kind: 'number' } },
  ],
  InstanceNetworkPerformanceOptions: [
    { name: 'BandwidthWeighting', wireName: 'bandwidthWeighting', type: { kind: 'string' } },
  ],
  InstancePrivateIpAddress: [
    { name: 'Association', wireName: 'association', type: { kind: 'structure', structure: 'InstanceNetworkInterfaceAssociation' } },
    { name: 'Primary', wireName: 'primary', type: { kind: 'boolean' } },
    { name: 'PrivateDnsName', wireName: 'privateDnsName', type: { kind: 'string' } },
    { name: 'PrivateIpAddress', wireName: 'privateIpAddress', type: { kind: 'string' } },
  ],
  InstanceSecondaryInterface: [
    { name: 'Attachment', wireName: 'attachment', type: { kind: 'structure', structure: 'InstanceSecondaryInterfaceAttachment' } },
    { name: 'MacAddress', wireName: 'macAddress', type: { kind: 'string' } },
    { name: 'SecondaryInterfaceId', wireName: 'secondaryInterfaceId', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'PrivateIpAddresses', wireName: 'privateIpAddressSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'InstanceSecondaryInterfacePrivateIpAddress' } } },
    { name: 'SourceDestCheck', wireName: 'sourceDestCheck', type: { kind: 'boolean' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
    { name: 'SecondarySubnetId', wireName: 'secondarySubnetId', type: { kind: 'string' } },
    { name: 'SecondaryNetworkId', wireName: 'secondaryNetworkId', type: { kind: 'string' } },
    { name: 'InterfaceType', wireName: 'interfaceType', type: { kind: 'string' } },
  ],
  InstanceSecondaryInterfaceAttachment: [
    { name: 'AttachTime', wireName: 'attachTime', type: { kind: 'timestamp' } },
    { name: 'AttachmentId', wireName: 'attachmentId', type: { kind: 'string' } },
    { name: 'DeleteOnTermination', wireName: 'deleteOnTermination', type: { kind: 'boolean' } },
    { name: 'DeviceIndex', wireName: 'deviceIndex', type: { kind: 'number' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
    { name: 'NetworkCardIndex', wireName: 'networkCardIndex', type: { kind: 'number' } },
  ],
  InstanceSecondaryInterfacePrivateIpAddress: [
    { name: 'PrivateIpAddress', wireName: 'privateIpAddress', type: { kind: 'string' } },
  ],
  InstanceState: [
    { name: 'Code', wireName: 'code', type: { kind: 'number' } },
    { name: 'Name', wireName: 'name', type: { kind: 'string' } },
  ],
  LicenseConfiguration: [
    { name: 'LicenseConfigurationArn', wireName: 'licenseConfigurationArn', type: { kind: 'string' } },
  ],
  ListSnapshotsInRecycleBinResult: [
    { name: 'Snapshots', wireName: 'snapshotSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'SnapshotRecycleBinInfo' } } },
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
  ],
  ListVolumesInRecycleBinResult: [
    { name: 'Volumes', wireName: 'volumeSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeRecycleBinInfo' } } },
    { name: 'NextToken', wireName: 'nextToken', type: { kind: 'string' } },
  ],
  LockSnapshotResult: [
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'LockState', wireName: 'lockState', type: { kind: 'string' } },
    { name: 'LockDuration', wireName: 'lockDuration', type: { kind: 'number' } },
    { name: 'CoolOffPeriod', wireName: 'coolOffPeriod', type: { kind: 'number' } },
    { name: 'CoolOffPeriodExpiresOn', wireName: 'coolOffPeriodExpiresOn', type: { kind: 'timestamp' } },
    { name: 'LockCreatedOn', wireName: 'lockCreatedOn', type: { kind: 'timestamp' } },
    { name: 'LockExpiresOn', wireName: 'lockExpiresOn', type: { kind: 'timestamp' } },
    { name: 'LockDurationStartTime', wireName: 'lockDurationStartTime', type: { kind: 'timestamp' } },
  ],
  LockedSnapshotsInfo: [
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'LockState', wireName: 'lockState', type: { kind: 'string' } },
    { name: 'LockDuration', wireName: 'lockDuration', type: { kind: 'number' } },
    { name: 'CoolOffPeriod', wireName: 'coolOffPeriod', type: { kind: 'number' } },
    { name: 'CoolOffPeriodExpiresOn', wireName: 'coolOffPeriodExpiresOn', type: { kind: 'timestamp' } },
    { name: 'LockCreatedOn', wireName: 'lockCreatedOn', type: { kind: 'timestamp' } },
    { name: 'LockDurationStartTime', wireName: 'lockDurationStartTime', type: { kind: 'timestamp' } },
    { name: 'LockExpiresOn', wireName: 'lockExpiresOn', type: { kind: 'timestamp' } },
  ],
  ModifyEbsDefaultKmsKeyIdResult: [
    { name: 'KmsKeyId', wireName: 'kmsKeyId', type: { kind: 'string' } },
  ],
  ModifyVolumeResult: [
    { name: 'VolumeModification', wireName: 'volumeModification', type: { kind: 'structure', structure: 'VolumeModification' } },
  ],
  Monitoring: [
    { name: 'MetricCategoryIds', wireName: 'metricCategoryIdSet', type: { kind: 'list', itemName: 'item', item: { kind: 'string' } } },
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
  ],
  OperatorResponse: [
    { name: 'Managed', wireName: 'managed', type: { kind: 'boolean' } },
    { name: 'Principal', wireName: 'principal', type: { kind: 'string' } },
    { name: 'HiddenByDefault', wireName: 'hiddenByDefault', type: { kind: 'boolean' } },
  ],
  Placement: [
    { name: 'AvailabilityZoneId', wireName: 'availabilityZoneId', type: { kind: 'string' } },
    { name: 'Affinity', wireName: 'affinity', type: { kind: 'string' } },
    { name: 'GroupName', wireName: 'groupName', type: { kind: 'string' } },
    { name: 'PartitionNumber', wireName: 'partitionNumber', type: { kind: 'number' } },
    { name: 'HostId', wireName: 'hostId', type: { kind: 'string' } },
    { name: 'Tenancy', wireName: 'tenancy', type: { kind: 'string' } },
    { name: 'SpreadDomain', wireName: 'spreadDomain', type: { kind: 'string' } },
    { name: 'HostResourceGroupArn', wireName: 'hostResourceGroupArn', type: { kind: 'string' } },
    { name: 'GroupId', wireName: 'groupId', type: { kind: 'string' } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
  ],
  PrivateDnsNameOptionsResponse: [
    { name: 'HostnameType', wireName: 'hostnameType', type: { kind: 'string' } },
    { name: 'EnableResourceNameDnsARecord', wireName: 'enableResourceNameDnsARecord', type: { kind: 'boolean' } },
    { name: 'EnableResourceNameDnsAAAARecord', wireName: 'enableResourceNameDnsAAAARecord', type: { kind: 'boolean' } },
  ],
  ProductCode: [
    { name: 'ProductCodeId', wireName: 'productCode', type: { kind: 'string' } },
    { name: 'ProductCodeType', wireName: 'type', type: { kind: 'string' } },
  ],
  Region: [
    { name: 'OptInStatus', wireName: 'optInStatus', type: { kind: 'string' } },
    { name: 'Geography', wireName: 'geographySet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'RegionGeography' } } },
    { name: 'RegionName', wireName: 'regionName', type: { kind: 'string' } },
    { name: 'Endpoint', wireName: 'regionEndpoint', type: { kind: 'string' } },
  ],
  RegionGeography: [
    { name: 'Name', wireName: 'name', type: { kind: 'string' } },
  ],
  Reservation: [
    { name: 'ReservationId', wireName: 'reservationId', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'RequesterId', wireName: 'requesterId', type: { kind: 'string' } },
    { name: 'Groups', wireName: 'groupSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'GroupIdentifier' } } },
    { name: 'Instances', wireName: 'instancesSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Instance' } } },
  ],
  ResetEbsDefaultKmsKeyIdResult: [
    { name: 'KmsKeyId', wireName: 'kmsKeyId', type: { kind: 'string' } },
  ],
  RestoreSnapshotFromRecycleBinResult: [
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'Encrypted', wireName: 'encrypted', type: { kind: 'boolean' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'Progress', wireName: 'progress', type: { kind: 'string' } },
    { name: 'StartTime', wireName: 'startTime', type: { kind: 'timestamp' } },
    { name: 'State', wireName: 'status', type: { kind: 'string' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'VolumeSize', wireName: 'volumeSize', type: { kind: 'number' } },
    { name: 'SseType', wireName: 'sseType', type: { kind: 'string' } },
  ],
  RestoreVolumeFromRecycleBinResult: [
    { name: 'Return', wireName: 'return', type: { kind: 'boolean' } },
  ],
  Snapshot: [
    { name: 'OwnerAlias', wireName: 'ownerAlias', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
    { name: 'StorageTier', wireName: 'storageTier', type: { kind: 'string' } },
    { name: 'RestoreExpiryTime', wireName: 'restoreExpiryTime', type: { kind: 'timestamp' } },
    { name: 'SseType', wireName: 'sseType', type: { kind: 'string' } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
    { name: 'TransferType', wireName: 'transferType', type: { kind: 'string' } },
    { name: 'CompletionDurationMinutes', wireName: 'completionDurationMinutes', type: { kind: 'number' } },
    { name: 'CompletionTime', wireName: 'completionTime', type: { kind: 'timestamp' } },
    { name: 'FullSnapshotSizeInBytes', wireName: 'fullSnapshotSizeInBytes', type: { kind: 'number' } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'State', wireName: 'status', type: { kind: 'string' } },
    { name: 'StateMessage', wireName: 'statusMessage', type: { kind: 'string' } },
    { name: 'StartTime', wireName: 'startTime', type: { kind: 'timestamp' } },
    { name: 'Progress', wireName: 'progress', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'VolumeSize', wireName: 'volumeSize', type: { kind: 'number' } },
    { name: 'Encrypted', wireName: 'encrypted', type: { kind: 'boolean' } },
    { name: 'KmsKeyId', wireName: 'kmsKeyId', type: { kind: 'string' } },
    { name: 'DataEncryptionKeyId', wireName: 'dataEncryptionKeyId', type: { kind: 'string' } },
  ],
  SnapshotInfo: [
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
    { name: 'Encrypted', wireName: 'encrypted', type: { kind: 'boolean' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
    { name: 'VolumeSize', wireName: 'volumeSize', type: { kind: 'number' } },
    { name: 'StartTime', wireName: 'startTime', type: { kind: 'timestamp' } },
    { name: 'Progress', wireName: 'progress', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'SseType', wireName: 'sseType', type: { kind: 'string' } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
  ],
  SnapshotRecycleBinInfo: [
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'RecycleBinEnterTime', wireName: 'recycleBinEnterTime', type: { kind: 'timestamp' } },
    { name: 'RecycleBinExitTime', wireName: 'recycleBinExitTime', type: { kind: 'timestamp' } },
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
  ],
  StateReason: [
    { name: 'Code', wireName: 'code', type: { kind: 'string' } },
    { name: 'Message', wireName: 'message', type: { kind: 'string' } },
  ],
  Tag: [
    { name: 'Key', wireName: 'key', type: { kind: 'string' } },
    { name: 'Value', wireName: 'value', type: { kind: 'string' } },
  ],
  TagDescription: [
    { name: 'Key', wireName: 'key', type: { kind: 'string' } },
    { name: 'ResourceId', wireName: 'resourceId', type: { kind: 'string' } },
    { name: 'ResourceType', wireName: 'resourceType', type: { kind: 'string' } },
    { name: 'Value', wireName: 'value', type: { kind: 'string' } },
  ],
  UnlockSnapshotResult: [
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
  ],
  Volume: [
    { name: 'AvailabilityZoneId', wireName: 'availabilityZoneId', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'SourceVolumeId', wireName: 'sourceVolumeId', type: { kind: 'string' } },
    { name: 'Iops', wireName: 'iops', type: { kind: 'number' } },
    { name: 'Tags', wireName: 'tagSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'Tag' } } },
    { name: 'VolumeType', wireName: 'volumeType', type: { kind: 'string' } },
    { name: 'FastRestored', wireName: 'fastRestored', type: { kind: 'boolean' } },
    { name: 'MultiAttachEnabled', wireName: 'multiAttachEnabled', type: { kind: 'boolean' } },
    { name: 'Throughput', wireName: 'throughput', type: { kind: 'number' } },
    { name: 'SseType', wireName: 'sseType', type: { kind: 'string' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
    { name: 'VolumeInitializationRate', wireName: 'volumeInitializationRate', type: { kind: 'number' } },
    { name: 'VolumeArn', wireName: 'volumeArn', type: { kind: 'string' } },
    { name: 'OwnerId', wireName: 'ownerId', type: { kind: 'string' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'Size', wireName: 'size', type: { kind: 'number' } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
    { name: 'State', wireName: 'status', type: { kind: 'string' } },
    { name: 'CreateTime', wireName: 'createTime', type: { kind: 'timestamp' } },
    { name: 'Attachments', wireName: 'attachmentSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeAttachment' } } },
    { name: 'Encrypted', wireName: 'encrypted', type: { kind: 'boolean' } },
    { name: 'KmsKeyId', wireName: 'kmsKeyId', type: { kind: 'string' } },
  ],
  VolumeAttachment: [
    { name: 'DeleteOnTermination', wireName: 'deleteOnTermination', type: { kind: 'boolean' } },
    { name: 'AssociatedResource', wireName: 'associatedResource', type: { kind: 'string' } },
    { name: 'InstanceOwningService', wireName: 'instanceOwningService', type: { kind: 'string' } },
    { name: 'EbsCardIndex', wireName: 'ebsCardIndex', type: { kind: 'number' } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'InstanceId', wireName: 'instanceId', type: { kind: 'string' } },
    { name: 'Device', wireName: 'device', type: { kind: 'string' } },
    { name: 'State', wireName: 'status', type: { kind: 'string' } },
    { name: 'AttachTime', wireName: 'attachTime', type: { kind: 'timestamp' } },
  ],
  VolumeModification: [
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'ModificationState', wireName: 'modificationState', type: { kind: 'string' } },
    { name: 'StatusMessage', wireName: 'statusMessage', type: { kind: 'string' } },
    { name: 'TargetSize', wireName: 'targetSize', type: { kind: 'number' } },
    { name: 'TargetIops', wireName: 'targetIops', type: { kind: 'number' } },
    { name: 'TargetVolumeType', wireName: 'targetVolumeType', type: { kind: 'string' } },
    { name: 'TargetThroughput', wireName: 'targetThroughput', type: { kind: 'number' } },
    { name: 'TargetMultiAttachEnabled', wireName: 'targetMultiAttachEnabled', type: { kind: 'boolean' } },
    { name: 'OriginalSize', wireName: 'originalSize', type: { kind: 'number' } },
    { name: 'OriginalIops', wireName: 'originalIops', type: { kind: 'number' } },
    { name: 'OriginalVolumeType', wireName: 'originalVolumeType', type: { kind: 'string' } },
    { name: 'OriginalThroughput', wireName: 'originalThroughput', type: { kind: 'number' } },
    { name: 'OriginalMultiAttachEnabled', wireName: 'originalMultiAttachEnabled', type: { kind: 'boolean' } },
    { name: 'Progress', wireName: 'progress', type: { kind: 'number' } },
    { name: 'StartTime', wireName: 'startTime', type: { kind: 'timestamp' } },
    { name: 'EndTime', wireName: 'endTime', type: { kind: 'timestamp' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
  ],
  VolumeRecycleBinInfo: [
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'VolumeType', wireName: 'volumeType', type: { kind: 'string' } },
    { name: 'State', wireName: 'state', type: { kind: 'string' } },
    { name: 'Size', wireName: 'size', type: { kind: 'number' } },
    { name: 'Iops', wireName: 'iops', type: { kind: 'number' } },
    { name: 'Throughput', wireName: 'throughput', type: { kind: 'number' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
    { name: 'AvailabilityZoneId', wireName: 'availabilityZoneId', type: { kind: 'string' } },
    { name: 'SourceVolumeId', wireName: 'sourceVolumeId', type: { kind: 'string' } },
    { name: 'SnapshotId', wireName: 'snapshotId', type: { kind: 'string' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
    { name: 'CreateTime', wireName: 'createTime', type: { kind: 'timestamp' } },
    { name: 'RecycleBinEnterTime', wireName: 'recycleBinEnterTime', type: { kind: 'timestamp' } },
    { name: 'RecycleBinExitTime', wireName: 'recycleBinExitTime', type: { kind: 'timestamp' } },
  ],
  VolumeStatusAction: [
    { name: 'Code', wireName: 'code', type: { kind: 'string' } },
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'EventId', wireName: 'eventId', type: { kind: 'string' } },
    { name: 'EventType', wireName: 'eventType', type: { kind: 'string' } },
  ],
  VolumeStatusAttachmentStatus: [
    { name: 'IoPerformance', wireName: 'ioPerformance', type: { kind: 'string' } },
    { name: 'InstanceId', wireName: 'instanceId', type: { kind: 'string' } },
  ],
  VolumeStatusDetails: [
    { name: 'Name', wireName: 'name', type: { kind: 'string' } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
  ],
  VolumeStatusEvent: [
    { name: 'Description', wireName: 'description', type: { kind: 'string' } },
    { name: 'EventId', wireName: 'eventId', type: { kind: 'string' } },
    { name: 'EventType', wireName: 'eventType', type: { kind: 'string' } },
    { name: 'NotAfter', wireName: 'notAfter', type: { kind: 'timestamp' } },
    { name: 'NotBefore', wireName: 'notBefore', type: { kind: 'timestamp' } },
    { name: 'InstanceId', wireName: 'instanceId', type: { kind: 'string' } },
  ],
  VolumeStatusInfo: [
    { name: 'Details', wireName: 'details', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeStatusDetails' } } },
    { name: 'Status', wireName: 'status', type: { kind: 'string' } },
  ],
  VolumeStatusItem: [
    { name: 'Actions', wireName: 'actionsSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeStatusAction' } } },
    { name: 'AvailabilityZone', wireName: 'availabilityZone', type: { kind: 'string' } },
    { name: 'OutpostArn', wireName: 'outpostArn', type: { kind: 'string' } },
    { name: 'Events', wireName: 'eventsSet', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeStatusEvent' } } },
    { name: 'VolumeId', wireName: 'volumeId', type: { kind: 'string' } },
    { name: 'VolumeStatus', wireName: 'volumeStatus', type: { kind: 'structure', structure: 'VolumeStatusInfo' } },
    { name: 'AttachmentStatuses', wireName: 'attachmentStatuses', type: { kind: 'list', itemName: 'item', item: { kind: 'structure', structure: 'VolumeStatusAttachmentStatus' } } },
    { name: 'InitializationStatusDetails', wireName: 'initializationStatusDetails', type: { kind: 'structure', structure: 'InitializationStatusDetails' } },
    { name: 'AvailabilityZoneId', wireName: 'availabilityZoneId', type: { kind: 'string' } },
    { name: 'Operator', wireName: 'operator', type: { kind: 'structure', structure: 'OperatorResponse' } },
  ],
};

/** Every action of EC2, supported here or not. */
export const actionNames: ReadonlySet<string> = new Set([
  'AcceptAddressTransfer',
  'AcceptCapacityReservationBillingOwnership',
  'AcceptReservedInstancesExchangeQuote',
  'AcceptTransitGatewayClientVpnAttachment',
  'AcceptTransitGatewayMulticastDomainAssociations',
  'AcceptTransitGatewayPeeringAttachment',
  'AcceptTransitGatewayVpcAttachment',
  'AcceptVpcEndpointConnections',
  'AcceptVpcPeeringConnection',
  'AdvertiseByoipCidr',
  'AllocateAddress',
  'AllocateHosts',
  'AllocateIpamPoolCidr',
  'ApplySecurityGroupsToClientVpnTargetNetwork',
  'AssignIpv6Addresses',
  'AssignPrivateIpAddresses',
  'AssignPrivateNatGatewayAddress',
  'AssociateAddress',
  'AssociateApplicationStatusCheck',
  'AssociateCapacityReservationBillingOwner',
  'AssociateClientVpnTargetNetwork',
  'AssociateDhcpOptions',
  'AssociateEnclaveCertificateIamRole',
  'AssociateIamInstanceProfile',
  'AssociateInstanceEventWindow',
  'AssociateIpamByoasn',
  'AssociateIpamResourceDiscovery',
  'AssociateNatGatewayAddress',
  'AssociateNetworkingFlexCostAllocationPolicy',
  'AssociateRouteServer',
  'AssociateRouteTable',
  'AssociateSecurityGroupVpc',
  'AssociateSubnetCidrBlock',
  'AssociateTransitGatewayMulticastDomain',
  'AssociateTransitGatewayPolicyTable',
  'AssociateTransitGatewayRouteTable',
  'AssociateTrunkInterface',
  'AssociateVpcCidrBlock',
  'AttachClassicLinkVpc',
  'AttachImageWatermark',
  'AttachInternetGateway',
  'AttachNetworkInterface',
  'AttachVerifiedAccessTrustProvider',
  'AttachVolume',
  'AttachVpnGateway',
  'AuthorizeClientVpnIngress',
  'AuthorizeSecurityGroupEgress',
  'AuthorizeSecurityGroupIngress',
  'BatchModifyIpamRoutingPolicyRegistrations',
  'BundleInstance',
  'CancelBundleTask',
  'CancelCapacityReservation',
  'CancelCapacityReservationFleets',
  'CancelConversionTask',
  'CancelDeclarativePoliciesReport',
  'CancelExportTask',
  'CancelImageLaunchPermission',
  'CancelImportTask',
  'CancelReservedInstancesListing',
  'CancelSpotFleetRequests',
  'CancelSpotInstanceRequests',
  'ConfirmProductInstance',
  'CopyFpgaImage',
  'CopyImage',
  'CopySnapshot',
  'CopyVolumes',
  'CreateApplicationStatusCheck',
  'CreateCapacityManagerDataExport',
  'CreateCapacityReservation',
  'CreateCapacityReservationBySplitting',
  'CreateCapacityReservationCancellationQuote',
  'CreateCapacityReservationDateChangeQuote',
  'CreateCapacityReservationFleet',
  'CreateCarrierGateway',
  'CreateClientVpnEndpoint',
  'CreateClientVpnRoute',
  'CreateCoipCidr',
  'CreateCoipPool',
  'CreateCustomerGateway',
  'CreateDefaultSubnet',
  'CreateDefaultVpc',
  'CreateDelegateMacVolumeOwnershipTask',
  'CreateDhcpOptions',
  'CreateEgressOnlyInternetGateway',
  'CreateFleet',
  'CreateFlowLogs',
  'CreateFpgaImage',
  'CreateImage',
  'CreateImageUsageReport',
  'CreateInstanceConnectEndpoint',
  'CreateInstanceEventWindow',
  'CreateInstanceExportTask',
  'CreateInternetGateway',
  'CreateInterruptibleCapacityReservationAllocation',
  'CreateIpam',
  'CreateIpamExternalResourceVerificationToken',
  'CreateIpamInternetRegistryAssociation',
  'CreateIpamPolicy',
  'CreateIpamPool',
  'CreateIpamPrefixListResolver',
  'CreateIpamPrefixListResolverTarget',
  'CreateIpamResourceDiscovery',
  'CreateIpamRoutingPolicyRegistration',
  'CreateIpamScope',
  'CreateKeyPair',
  'CreateLaunchTemplate',
  'CreateLaunchTemplateVersion',
  'CreateLocalGatewayRoute',
  'CreateLocalGatewayRouteTable',
  'CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation',
  'CreateLocalGatewayRouteTableVpcAssociation',
  'CreateLocalGatewayVirtualInterface',
  'CreateLocalGatewayVirtualInterfaceGroup',
  'CreateMacSystemIntegrityProtectionModificationTask',
  'CreateManagedPrefixList',
  'CreateMetricCategory',
  'CreateNatGateway',
  'CreateNetworkAcl',
  'CreateNetworkAclEntry',
  'CreateNetworkInsightsAccessScope',
  'CreateNetworkInsightsPath',
  'CreateNetworkInterface',
  'CreateNetworkInterfacePermission',
  'CreateNetworkingFlexCostAllocationPolicy',
  'CreatePlacementGroup',
  'CreatePublicIpv4Pool',
  'CreateReplaceRootVolumeTask',
  'CreateReservedInstancesListing',
  'CreateRestoreImageTask',
  'CreateRoute',
  'CreateRouteServer',
  'CreateRouteServerEndpoint',
  'CreateRouteServerPeer',
  'CreateRouteTable',
  'CreateSecondaryNetwork',
  'CreateSecondarySubnet',
  'CreateSecurityGroup',
  'CreateSnapshot',
  'CreateSnapshots',
  'CreateSpotDatafeedSubscription',
  'CreateStoreImageTask',
  'CreateSubnet',
  'CreateSubnetCidrReservation',
  'CreateTags',
  'CreateTrafficMirrorFilter',
  'CreateTrafficMirrorFilterRule',
  'CreateTrafficMirrorSession',
  'CreateTrafficMirrorTarget',
  'CreateTransitGateway',
  'CreateTransitGatewayConnect',
  'CreateTransitGatewayConnectPeer',
  'CreateTransitGatewayMeteringPolicy',
  'CreateTransitGatewayMeteringPolicyEntry',
  'CreateTransitGatewayMulticastDomain',
  'CreateTransitGatewayPeeringAttachment',
  'CreateTransitGatewayPolicyTable',
  'CreateTransitGatewayPolicyTableEntry',
  'CreateTransitGatewayPrefixListReference',
  'CreateTransitGatewayRoute',
  'CreateTransitGatewayRouteTable',
  'CreateTransitGatewayRouteTableAnnouncement',
  'CreateTransitGatewayVpcAttachment',
  'CreateVerifiedAccessEndpoint',
  'CreateVerifiedAccessGroup',
  'CreateVerifiedAccessInstance',
  'CreateVerifiedAccessTrustProvider',
  'CreateVolume',
  'CreateVpc',
  'CreateVpcBlockPublicAccessExclusion',
  'CreateVpcEncryptionControl',
  'CreateVpcEndpoint',
  'CreateVpcEndpointConnectionNotification',
  'CreateVpcEndpointServiceConfiguration',
  'CreateVpcPeeringConnection',
  'CreateVpnConcentrator',
  'CreateVpnConnection',
  'CreateVpnConnectionRoute',
  'CreateVpnGateway',
  'DeleteApplicationStatusCheck',
  'DeleteCapacityManagerDataExport',
  'DeleteCarrierGateway',
  'DeleteClientVpnEndpoint',
  'DeleteClientVpnEndpointAuthorizationPolicy',
  'DeleteClientVpnRoute',
  'DeleteCoipCidr',
  'DeleteCoipPool',
  'DeleteCustomerGateway',
  'DeleteDhcpOptions',
  'DeleteEgressOnlyInternetGateway',
  'DeleteFleets',
  'DeleteFlowLogs',
  'DeleteFpgaImage',
  'DeleteImageUsageReport',
  'DeleteInstanceConnectEndpoint',
  'DeleteInstanceEventWindow',
  'DeleteInternetGateway',
  'DeleteIpam',
  'DeleteIpamExternalResourceVerificationToken',
  'DeleteIpamInternetRegistryAssociation',
  'DeleteIpamPolicy',
  'DeleteIpamPool',
  'DeleteIpamPrefixListResolver',
  'DeleteIpamPrefixListResolverTarget',
  'DeleteIpamResourceDiscovery',
  'DeleteIpamRoutingPolicyRegistration',
  'DeleteIpamScope',
  'DeleteKeyPair',
  'DeleteLaunchTemplate',
  'DeleteLaunchTemplateVersions',
  'DeleteLocalGatewayRoute',
  'DeleteLocalGatewayRouteTable',
  'DeleteLocalGatewayRouteTableVirtualInterfaceGroupAssociation',
  'DeleteLocalGatewayRouteTableVpcAssociation',
  'DeleteLocalGatewayVirtualInterface',
  'DeleteLocalGatewayVirtualInterfaceGroup',
  'DeleteManagedPrefixList',
  'DeleteMetricCategory',
  'DeleteNatGateway',
  'DeleteNetworkAcl',
  'DeleteNetworkAclEntry',
  'DeleteNetworkInsightsAccessScope',
  'DeleteNetworkInsightsAccessScopeAnalysis',
  'DeleteNetworkInsightsAnalysis',
  'DeleteNetworkInsightsPath',
  'DeleteNetworkInterface',
  'DeleteNetworkInterfacePermission',
  'DeleteNetworkingFlexCostAllocationPolicies',
  'DeletePlacementGroup',
  'DeletePublicIpv4Pool',
  'DeleteQueuedReservedInstances',
  'DeleteRoute',
  'DeleteRouteServer',
  'DeleteRouteServerEndpoint',
  'DeleteRouteServerPeer',
  'DeleteRouteTable',
  'DeleteSecondaryNetwork',
  'DeleteSecondarySubnet',
  'DeleteSecurityGroup',
  'DeleteSnapshot',
  'DeleteSpotDatafeedSubscription',
  'DeleteSubnet',
  'DeleteSubnetCidrReservation',
  'DeleteTags',
  'DeleteTrafficMirrorFilter',
  'DeleteTrafficMirrorFilterRule',
  'DeleteTrafficMirrorSession',
  'DeleteTrafficMirrorTarget',
  'DeleteTransitGateway',
  'DeleteTransitGatewayClientVpnAttachment',
  'DeleteTransitGatewayConnect',
  'DeleteTransitGatewayConnectPeer',
  'DeleteTransitGatewayMeteringPolicy',
  'DeleteTransitGatewayMeteringPolicyEntry',
  'DeleteTransitGatewayMulticastDomain',
  'DeleteTransitGatewayPeeringAttachment',
  'DeleteTransitGatewayPolicyTable',
  'DeleteTransitGatewayPolicyTableEntry',
  'DeleteTransitGatewayPrefixListReference',
  'DeleteTransitGatewayRoute',
  'DeleteTransitGatewayRouteTable',
  'DeleteTransitGatewayRouteTableAnnouncement',
  'DeleteTransitGatewayVpcAttachment',
  'DeleteVerifiedAccessEndpoint',
  'DeleteVerifiedAccessGroup',
  'DeleteVerifiedAccessInstance',
  'DeleteVerifiedAccessTrustProvider',
  'DeleteVolume',
  'DeleteVpc',
  'DeleteVpcBlockPublicAccessExclusion',
  'DeleteVpcEncryptionControl',
  'DeleteVpcEndpointConnectionNotifications',
  'DeleteVpcEndpointServiceConfigurations',
  'DeleteVpcEndpoints',
  'DeleteVpcPeeringConnection',
  'DeleteVpnConcentrator',
  'DeleteVpnConnection',
  'DeleteVpnConnectionRoute',
  'DeleteVpnGateway',
  'DeprovisionByoipCidr',
  'DeprovisionIpamByoasn',
  'DeprovisionIpamPoolCidr',
  'DeprovisionPublicIpv4PoolCidr',
  'DeregisterImage',
  'DeregisterInstanceEventNotificationAttributes',
  'DeregisterTransitGatewayMulticastGroupMembers',
  'DeregisterTransitGatewayMulticastGroupSources',
  'DescribeAccountAttributes',
  'DescribeAccountVpcEncryptionControl',
  'DescribeAddressTransfers',
  'DescribeAddresses',
  'DescribeAddressesAttribute',
  'DescribeAggregateIdFormat',
  'DescribeApplicationStatus',
  'DescribeApplicationStatusCheckAssociations',
  'DescribeApplicationStatusChecks',
  'DescribeAvailabilityZones',
  'DescribeAwsNetworkPerformanceMetricSubscriptions',
  'DescribeBundleTasks',
  'DescribeByoipCidrs',
  'DescribeCapacityBlockExtensionHistory',
  'DescribeCapacityBlockExtensionOfferings',
  'DescribeCapacityBlockOfferings',
  'DescribeCapacityBlockStatus',
  'DescribeCapacityBlocks',
  'DescribeCapacityManagerDataExports',
  'DescribeCapacityReservationBillingRequests',
  'DescribeCapacityReservationCancellationQuotes',
  'DescribeCapacityReservationDateChangeQuotes',
  'DescribeCapacityReservationFleets',
  'DescribeCapacityReservationTopology',
  'DescribeCapacityReservations',
  'DescribeCarrierGateways',
  'DescribeClassicLinkInstances',
  'DescribeClientVpnAuthorizationRules',
  'DescribeClientVpnConnections',
  'DescribeClientVpnEndpoints',
  'DescribeClientVpnRoutes',
  'DescribeClientVpnTargetNetworks',
  'DescribeCoipPools',
  'DescribeConversionTasks',
  'DescribeCustomerGateways',
  'DescribeDeclarativePoliciesReports',
  'DescribeDhcpOptions',
  'DescribeEgressOnlyInternetGateways',
  'DescribeElasticGpus',
  'DescribeExportImageTasks',
  'DescribeExportTasks',
  'DescribeFastLaunchImages',
  'DescribeFastSnapshotRestores',
  'DescribeFleetHistory',
  'DescribeFleetInstances',
  'DescribeFleets',
  'DescribeFlowLogs',
  'DescribeFpgaImageAttribute',
  'DescribeFpgaImages',
  'DescribeHostReservationOfferings',
  'DescribeHostReservations',
  'DescribeHosts',
  'DescribeIamInstanceProfileAssociations',
  'DescribeIdFormat',
  'DescribeIdentityIdFormat',
  'DescribeImageAttribute',
  'DescribeImageReferences',
  'DescribeImageUsageReportEntries',
  'DescribeImageUsageReports',
  'DescribeImages',
  'DescribeImportImageTasks',
  'DescribeImportSnapshotTasks',
  'DescribeInstanceAttribute',
  'DescribeInstanceConnectEndpoints',
  'DescribeInstanceCreditSpecifications',
  'DescribeInstanceEventNotificationAttributes',
  'DescribeInstanceEventWindows',
  'DescribeInstanceImageMetadata',
  'DescribeInstanceSqlHaHistoryStates',
  'DescribeInstanceSqlHaStates',
  'DescribeInstanceStatus',
  'DescribeInstanceTopology',
  'DescribeInstanceTypeOfferings',
  'DescribeInstanceTypes',
  'DescribeInstances',
  'DescribeInternetGateways',
  'DescribeIpamByoasn',
  'DescribeIpamExternalResourceVerificationTokens',
  'DescribeIpamInternetRegistryAssociations',
  'DescribeIpamPolicies',
  'DescribeIpamPoolAllocations',
  'DescribeIpamPools',
  'DescribeIpamPrefixListResolverTargets',
  'DescribeIpamPrefixListResolvers',
  'DescribeIpamResourceDiscoveries',
  'DescribeIpamResourceDiscoveryAssociations',
  'DescribeIpamScopes',
  'DescribeIpams',
  'DescribeIpv6Pools',
  'DescribeKeyPairs',
  'DescribeLaunchTemplateVersions',
  'DescribeLaunchTemplates',
  'DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations',
  'DescribeLocalGatewayRouteTableVpcAssociations',
  'DescribeLocalGatewayRouteTables',
  'DescribeLocalGatewayVirtualInterfaceGroups',
  'DescribeLocalGatewayVirtualInterfaces',
  'DescribeLocalGateways',
  'DescribeLockedSnapshots',
  'DescribeMacHosts',
  'DescribeMacModificationTasks',
  'DescribeManagedPrefixLists',
  'DescribeMetricCategories',
  'DescribeMovingAddresses',
  'DescribeNatGateways',
  'DescribeNetworkAcls',
  'DescribeNetworkInsightsAccessScopeAnalyses',
  'DescribeNetworkInsightsAccessScopes',
  'DescribeNetworkInsightsAnalyses',
  'DescribeNetworkInsightsPaths',
  'DescribeNetworkInterfaceAttribute',
  'DescribeNetworkInterfacePermissions',
  'DescribeNetworkInterfaces',
  'DescribeNetworkingFlexCostAllocationPolicies',
  'DescribeNetworkingFlexCostAllocationPolicyAssociations',
  'DescribeOutpostLags',
  'DescribePlacementGroups',
  'DescribePrefixLists',
  'DescribePrincipalIdFormat',
  'DescribePublicIpv4Pools',
  'DescribeRegions',
  'DescribeReplaceRootVolumeTasks',
  'DescribeReservedInstances',
  'DescribeReservedInstancesListings',
  'DescribeReservedInstancesModifications',
  'DescribeReservedInstancesOfferings',
  'DescribeRouteServerEndpoints',
  'DescribeRouteServerPeers',
  'DescribeRouteServers',
  'DescribeRouteTables',
  'DescribeScheduledInstanceAvailability',
  'DescribeScheduledInstances',
  'DescribeSecondaryInterfaces',
  'DescribeSecondaryNetworks',
  'DescribeSecondarySubnets',
  'DescribeSecurityGroupReferences',
  'DescribeSecurityGroupRules',
  'DescribeSecurityGroupVpcAssociations',
  'DescribeSecurityGroups',
  'DescribeServiceLinkVirtualInterfaces',
  'DescribeSnapshotAttribute',
  'DescribeSnapshotTierStatus',
  'DescribeSnapshots',
  'DescribeSpotDatafeedSubscription',
  'DescribeSpotFleetInstances',
  'DescribeSpotFleetRequestHistory',
  'DescribeSpotFleetRequests',
  'DescribeSpotInstanceRequests',
  'DescribeSpotPriceHistory',
  'DescribeStaleSecurityGroups',
  'DescribeStoreImageTasks',
  'DescribeSubnets',
  'DescribeTags',
  'DescribeTrafficMirrorFilterRules',
  'DescribeTrafficMirrorFilters',
  'DescribeTrafficMirrorSessions',
  'DescribeTrafficMirrorTargets',
  'DescribeTransitGatewayAttachments',
  'DescribeTransitGatewayConnectPeers',
  'DescribeTransitGatewayConnects',
  'DescribeTransitGatewayMeteringPolicies',
  'DescribeTransitGatewayMulticastDomains',
  'DescribeTransitGatewayPeeringAttachments',
  'DescribeTransitGatewayPolicyTables',
  'DescribeTransitGatewayRouteTableAnnouncements',
  'DescribeTransitGatewayRouteTables',
  'DescribeTransitGatewayVpcAttachments',
  'DescribeTransitGateways',
  'DescribeTrunkInterfaceAssociations',
  'DescribeVerifiedAccessEndpoints',
  'DescribeVerifiedAccessGroups',
  'DescribeVerifiedAccessInstanceLoggingConfigurations',
  'DescribeVerifiedAccessInstances',
  'DescribeVerifiedAccessTrustProviders',
  'DescribeVolumeAttribute',
  'DescribeVolumeStatus',
  'DescribeVolumes',
  'DescribeVolumesModifications',
  'DescribeVpcAttribute',
  'DescribeVpcBlockPublicAccessExclusions',
  'DescribeVpcBlockPublicAccessOptions',
  'DescribeVpcClassicLink',
  'DescribeVpcClassicLinkDnsSupport',
  'DescribeVpcEncryptionControls',
  'DescribeVpcEndpointAssociations',
  'DescribeVpcEndpointConnectionNotifications',
  'DescribeVpcEndpointConnections',
  'DescribeVpcEndpointServiceConfigurations',
  'DescribeVpcEndpointServicePermissions',
  'DescribeVpcEndpointServices',
  'DescribeVpcEndpoints',
  'DescribeVpcPeeringConnections',
  'DescribeVpcs',
  'DescribeVpnConcentrators',
  'DescribeVpnConnections',
  'DescribeVpnGateways',
  'DetachClassicLinkVpc',
  'DetachImageWatermark',
  'DetachInternetGateway',
  'DetachNetworkInterface',
  'DetachVerifiedAccessTrustProvider',
  'DetachVolume',
  'DetachVpnGateway',
  'DisableAddressTransfer',
  'DisableAllowedImagesSettings',
  'DisableApplicationStatusCheckSuppression',
  'DisableAwsNetworkPerformanceMetricSubscription',
  'DisableCapacityManager',
  'DisableEbsEncryptionByDefault',
  'DisableFastLaunch',
  'DisableFastSnapshotRestores',
  'DisableImage',
  'DisableImageBlockPublicAccess',
  'DisableImageDeprecation',
  'DisableImageDeregistrationProtection',
  'DisableInstanceSqlHaStandbyDetections',
  'DisableIpamOrganizationAdminAccount',
  'DisableIpamPolicy',
  'DisableRouteServerPropagation',
  'DisableSerialConsoleAccess',
  'DisableSnapshotBlockPublicAccess',
  'DisableTransitGatewayRouteTablePropagation',
  'DisableVgwRoutePropagation',
  'DisableVpcClassicLink',
  'DisableVpcClassicLinkDnsSupport',
  'DisassociateAddress',
  'DisassociateApplicationStatusCheck',
  'DisassociateCapacityReservationBillingOwner',
  'DisassociateClientVpnTargetNetwork',
  'DisassociateEnclaveCertificateIamRole',
  'DisassociateIamInstanceProfile',
  'DisassociateInstanceEventWindow',
  'DisassociateIpamByoasn',
  'DisassociateIpamResourceDiscovery',
  'DisassociateNatGatewayAddress',
  'DisassociateNetworkingFlexCostAllocationPolicy',
  'DisassociateRouteServer',
  'DisassociateRouteTable',
  'DisassociateSecurityGroupVpc',
  'DisassociateSubnetCidrBlock',
  'DisassociateTransitGatewayMulticastDomain',
  'DisassociateTransitGatewayPolicyTable',
  'DisassociateTransitGatewayRouteTable',
  'DisassociateTrunkInterface',
  'DisassociateVpcCidrBlock',
  'EnableAddressTransfer',
  'EnableAllowedImagesSettings',
  'EnableApplicationStatusCheckSuppression',
  'EnableAwsNetworkPerformanceMetricSubscription',
  'EnableCapacityManager',
  'EnableEbsEncryptionByDefault',
  'EnableFastLaunch',
  'EnableFastSnapshotRestores',
  'EnableImage',
  'EnableImageBlockPublicAccess',
  'EnableImageDeprecation',
  'EnableImageDeregistrationProtection',
  'EnableInstanceSqlHaStandbyDetections',
  'EnableIpamInternetRegistryAssociation',
  'EnableIpamOrganizationAdminAccount',
  'EnableIpamPolicy',
  'EnableReachabilityAnalyzerOrganizationSharing',
  'EnableRouteServerPropagation',
  'EnableSerialConsoleAccess',
  'EnableSnapshotBlockPublicAccess',
  'EnableTransitGatewayRouteTablePropagation',
  'EnableVgwRoutePropagation',
  'EnableVolumeIO',
  'EnableVpcClassicLink',
  'EnableVpcClassicLinkDnsSupport',
  'ExportClientVpnClientCertificateRevocationList',
  'ExportClientVpnClientConfiguration',
  'ExportImage',
  'ExportTransitGatewayRoutes',
  'ExportVerifiedAccessInstanceClientConfiguration',
  'GetActiveVpnTunnelStatus',
  'GetAllowedImagesSettings',
  'GetAssociatedEnclaveCertificateIamRoles',
  'GetAssociatedIpv6PoolCidrs',
  'GetAwsNetworkPerformanceData',
  'GetCapacityManagerAttributes',
  'GetCapacityManagerMetricData',
  'GetCapacityManagerMetricDimensions',
  'GetCapacityManagerMonitoredTagKeys',
  'GetCapacityManagerSupportabilityScores',
  'GetCapacityReservationUsage',
  'GetClientVpnEndpointAuthorizationPolicy',
  'GetCoipPoolUsage',
  'GetConsoleOutput',
  'GetConsoleScreenshot',
  'GetDeclarativePoliciesReportSummary',
  'GetDefaultCreditSpecification',
  'GetEbsDefaultKmsKeyId',
  'GetEbsEncryptionByDefault',
  'GetEnabledIpamPolicy',
  'GetFlowLogsIntegrationTemplate',
  'GetGroupsForCapacityReservation',
  'GetHostReservationPurchasePreview',
  'GetImageAncestry',
  'GetImageBlockPublicAccessState',
  'GetImageFindings',
  'GetInstanceMetadataDefaults',
  'GetInstanceTpmEkPub',
  'GetInstanceTypesFromInstanceRequirements',
  'GetInstanceUefiData',
  'GetIpamAddressHistory',
  'GetIpamDiscoveredAccounts',
  'GetIpamDiscoveredPublicAddresses',
  'GetIpamDiscoveredResourceCidrs',
  'GetIpamDiscoveredRoutes',
  'GetIpamInternetRegistryAssociationAsns',
  'GetIpamInternetRegistryAssociationCidrs',
  'GetIpamPolicyAllocationRules',
  'GetIpamPolicyOrganizationTargets',
  'GetIpamPoolAllocations',
  'GetIpamPoolCidrs',
  'GetIpamPrefixListResolverRules',
  'GetIpamPrefixListResolverVersionEntries',
  'GetIpamPrefixListResolverVersions',
  'GetIpamResourceCidrs',
  'GetIpamRouteOriginAuthorizations',
  'GetIpamRouteProtectionFindings',
  'GetIpamRoutingPolicyRegistrationDeltas',
  'GetIpamRoutingPolicyRegistrations',
  'GetLaunchTemplateData',
  'GetManagedPrefixListAssociations',
  'GetManagedPrefixListEntries',
  'GetManagedResourceVisibility',
  'GetNetworkInsightsAccessScopeAnalysisFindings',
  'GetNetworkInsightsAccessScopeContent',
  'GetNetworkingFlexCostAllocationPolicyVersions',
  'GetPasswordData',
  'GetReservedInstancesExchangeQuote',
  'GetRouteServerAssociations',
  'GetRouteServerPropagations',
  'GetRouteServerRoutingDatabase',
  'GetSecurityGroupsForVpc',
  'GetSerialConsoleAccessStatus',
  'GetSnapshotBlockPublicAccessState',
  'GetSpotPlacementScores',
  'GetSubnetCidrReservations',
  'GetTransitGatewayAttachmentNatConfiguration',
  'GetTransitGatewayAttachmentPropagations',
  'GetTransitGatewayMeteringPolicyEntries',
  'GetTransitGatewayMulticastDomainAssociations',
  'GetTransitGatewayPolicyTableAssociations',
  'GetTransitGatewayPolicyTableEntries',
  'GetTransitGatewayPrefixListReferences',
  'GetTransitGatewayRouteTableAssociations',
  'GetTransitGatewayRouteTablePropagations',
  'GetVerifiedAccessEndpointPolicy',
  'GetVerifiedAccessEndpointTargets',
  'GetVerifiedAccessGroupPolicy',
  'GetVpcResourcesBlockingEncryptionEnforcement',
  'GetVpnConnectionDeviceSampleConfiguration',
  'GetVpnConnectionDeviceTypes',
  'GetVpnTunnelReplacementStatus',
  'ImportClientVpnClientCertificateRevocationList',
  'ImportImage',
  'ImportInstance',
  'ImportKeyPair',
  'ImportSnapshot',
  'ImportVolume',
  'ListImagesInRecycleBin',
  'ListSnapshotsInRecycleBin',
  'ListVolumesInRecycleBin',
  'LockSnapshot',
  'ModifyAccountVpcEncryptionControl',
  'ModifyAddressAttribute',
  'ModifyApplicationStatusCheck',
  'ModifyAvailabilityZoneGroup',
  'ModifyCapacityReservation',
  'ModifyCapacityReservationFleet',
  'ModifyClientVpnEndpoint',
  'ModifyClientVpnEndpointAuthorizationPolicy',
  'ModifyDefaultCreditSpecification',
  'ModifyEbsDefaultKmsKeyId',
  'ModifyFleet',
  'ModifyFpgaImageAttribute',
  'ModifyHosts',
  'ModifyIdFormat',
  'ModifyIdentityIdFormat',
  'ModifyImageAttribute',
  'ModifyInstanceAttribute',
  'ModifyInstanceCapacityReservationAttributes',
  'ModifyInstanceConnectEndpoint',
  'ModifyInstanceCpuOptions',
  'ModifyInstanceCreditSpecification',
  'ModifyInstanceEventStartTime',
  'ModifyInstanceEventWindow',
  'ModifyInstanceMaintenanceOptions',
  'ModifyInstanceMetadataDefaults',
  'ModifyInstanceMetadataOptions',
  'ModifyInstanceNetworkPerformanceOptions',
  'ModifyInstancePlacement',
  'ModifyIpam',
  'ModifyIpamPolicyAllocationRules',
  'ModifyIpamPool',
  'ModifyIpamPoolAllocation',
  'ModifyIpamPrefixListResolver',
  'ModifyIpamPrefixListResolverTarget',
  'ModifyIpamResourceCidr',
  'ModifyIpamResourceDiscovery',
  'ModifyIpamRoutingPolicyRegistration',
  'ModifyIpamScope',
  'ModifyLaunchTemplate',
  'ModifyLocalGatewayRoute',
  'ModifyManagedPrefixList',
  'ModifyManagedResourceVisibility',
  'ModifyMetricCategory',
  'ModifyNetworkInterfaceAttribute',
  'ModifyNetworkingFlexCostAllocationPolicy',
  'ModifyPrivateDnsNameOptions',
  'ModifyPublicIpDnsNameOptions',
  'ModifyReservedInstances',
  'ModifyRouteServer',
  'ModifySecurityGroupRules',
  'ModifySnapshotAttribute',
  'ModifySnapshotTier',
  'ModifySpotFleetRequest',
  'ModifySubnetAttribute',
  'ModifyTrafficMirrorFilterNetworkServices',
  'ModifyTrafficMirrorFilterRule',
  'ModifyTrafficMirrorSession',
  'ModifyTransitGateway',
  'ModifyTransitGatewayAttachmentNatConfiguration',
  'ModifyTransitGatewayMeteringPolicy',
  'ModifyTransitGatewayPolicyTableEntry',
  'ModifyTransitGatewayPrefixListReference',
  'ModifyTransitGatewayVpcAttachment',
  'ModifyVerifiedAccessEndpoint',
  'ModifyVerifiedAccessEndpointPolicy',
  'ModifyVerifiedAccessGroup',
  'ModifyVerifiedAccessGroupPolicy',
  'ModifyVerifiedAccessInstance',
  'ModifyVerifiedAccessInstanceLoggingConfiguration',
  'ModifyVerifiedAccessTrustProvider',
  'ModifyVolume',
  'ModifyVolumeAttribute',
  'ModifyVpcAttribute',
  'ModifyVpcBlockPublicAccessExclusion',
  'ModifyVpcBlockPublicAccessOptions',
  'ModifyVpcEncryptionControl',
  'ModifyVpcEndpoint',
  'ModifyVpcEndpointConnectionNotification',
  'ModifyVpcEndpointPayerResponsibility',
  'ModifyVpcEndpointServiceConfiguration',
  'ModifyVpcEndpointServicePayerResponsibility',
  'ModifyVpcEndpointServicePermissions',
  'ModifyVpcPeeringConnectionOptions',
  'ModifyVpcTenancy',
  'ModifyVpnConnection',
  'ModifyVpnConnectionOptions',
  'ModifyVpnTunnelCertificate',
  'ModifyVpnTunnelOptions',
  'MonitorInstances',
  'MoveAddressToVpc',
  'MoveByoipCidrToIpam',
  'MoveCapacityReservationInstances',
  'ProvisionByoipCidr',
  'ProvisionIpamByoasn',
  'ProvisionIpamPoolCidr',
  'ProvisionPublicIpv4PoolCidr',
  'PurchaseCapacityBlock',
  'PurchaseCapacityBlockExtension',
  'PurchaseHostReservation',
  'PurchaseReservedInstancesOffering',
  'PurchaseScheduledInstances',
  'RebootInstances',
  'RegisterImage',
  'RegisterInstanceEventNotificationAttributes',
  'RegisterTransitGatewayMulticastGroupMembers',
  'RegisterTransitGatewayMulticastGroupSources',
  'RejectCapacityReservationBillingOwnership',
  'RejectTransitGatewayClientVpnAttachment',
  'RejectTransitGatewayMulticastDomainAssociations',
  'RejectTransitGatewayPeeringAttachment',
  'RejectTransitGatewayVpcAttachment',
  'RejectVpcEndpointConnections',
  'RejectVpcPeeringConnection',
  'ReleaseAddress',
  'ReleaseHosts',
  'ReleaseIpamPoolAllocation',
  'ReplaceIamInstanceProfileAssociation',
  'ReplaceImageCriteriaInAllowedImagesSettings',
  'ReplaceImageInstanceTypeSpecification',
  'ReplaceNetworkAclAssociation',
  'ReplaceNetworkAclEntry',
  'ReplaceRoute',
  'ReplaceRouteTableAssociation',
  'ReplaceTransitGatewayRoute',
  'ReplaceVpnTunnel',
  'ReportInstanceStatus',
  'RequestSpotFleet',
  'RequestSpotInstances',
  'ResetAddressAttribute',
  'ResetEbsDefaultKmsKeyId',
  'ResetFpgaImageAttribute',
  'ResetImageAttribute',
  'ResetInstanceAttribute',
  'ResetNetworkInterfaceAttribute',
  'ResetSnapshotAttribute',
  'RestoreAddressToClassic',
  'RestoreImageFromRecycleBin',
  'RestoreManagedPrefixListVersion',
  'RestoreSnapshotFromRecycleBin',
  'RestoreSnapshotTier',
  'RestoreVolumeFromRecycleBin',
  'RevokeClientVpnIngress',
  'RevokeSecurityGroupEgress',
  'RevokeSecurityGroupIngress',
  'RunInstances',
  'RunScheduledInstances',
  'SearchLocalGatewayRoutes',
  'SearchTransitGatewayMulticastGroups',
  'SearchTransitGatewayRoutes',
  'SendDiagnosticInterrupt',
  'StartDeclarativePoliciesReport',
  'StartInstances',
  'StartNetworkInsightsAccessScopeAnalysis',
  'StartNetworkInsightsAnalysis',
  'StartVpcEndpointServicePrivateDnsVerification',
  'StopInstances',
  'TerminateClientVpnConnections',
  'TerminateInstances',
  'UnassignIpv6Addresses',
  'UnassignPrivateIpAddresses',
  'UnassignPrivateNatGatewayAddress',
  'UnlockSnapshot',
  'UnmonitorInstances',
  'UpdateCapacityManagerMonitoredTagKeys',
  'UpdateCapacityManagerOrganizationsAccess',
  'UpdateInterruptibleCapacityReservationAllocation',
  'UpdateSecurityGroupRuleDescriptionsEgress',
  'UpdateSecurityGroupRuleDescriptionsIngress',
  'ValidateSecurityGroupQuotasForInterface',
  'WithdrawByoipCidr',
]);
