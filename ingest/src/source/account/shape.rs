//! Answers in XML, told as the AWS CLI tells them: every member that the SDK knows, under the name that the API gives it.
//!
//! EC2 and S3 answer in XML, whose elements have other names than the members that they stand for; the SDK has read them by then, and its types cannot be
//! written again. So each type is named here with its members, in their order in the SDK. A member that the SDK does not know yet is not in an answer.

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types as ec2;
use aws_sdk_s3::types as s3;
use schemas::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::told;

/// Something of an answer, to be written as the CLI writes it: what is absent is left out, and an empty list is one.
#[derive(Debug)]
pub(super) struct Cli<'t, T: ?Sized>(pub(super) &'t T);

impl<T> Serialize for Cli<'_, Vec<T>>
where
    for<'t> Cli<'t, T>: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Cli))
    }
}

impl Serialize for Cli<'_, DateTime> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = i64::try_from(self.0.as_nanos().div_euclid(1_000)).ok();
        match micros.and_then(Timestamp::plausible) {
            Some(time) => serializer.serialize_str(&told::iso(time)),
            None => serializer.collect_str(self.0),
        }
    }
}

macro_rules! plain {
    ($($kind:ty),+) => {
        $(impl Serialize for Cli<'_, $kind> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        })+
    };
}

macro_rules! words {
    ($($kind:ty),+ $(,)?) => {
        $(impl Serialize for Cli<'_, $kind> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.as_str())
            }
        })+
    };
}

macro_rules! shapes {
    ($from:ident: $($shape:ident { $($name:ident: $field:ident),* $(; $there:ident: $always:ident)? })+) => {
        $(impl Serialize for Cli<'_, $from::$shape> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut members = serializer.serialize_map(None)?;
                $(members.serialize_entry(stringify!($there), &Cli(&self.0.$always))?;)?
                $(if let Some(value) = &self.0.$field {
                    members.serialize_entry(stringify!($name), &Cli(value))?;
                })*
                members.end()
            }
        })+
    };
}

plain!(bool, i32, String);

words!(
    ec2::ArchitectureValues,
    ec2::AttachmentStatus,
    ec2::HypervisorType,
    ec2::InstanceLifecycleType,
    ec2::NetworkInterfaceStatus,
    ec2::DeviceType,
    ec2::VirtualizationType,
    ec2::AmdSevSnpSpecification,
    ec2::NestedVirtualizationSpecification,
    ec2::CapacityReservationPreference,
    ec2::InstanceMetadataOptionsState,
    ec2::HttpTokensState,
    ec2::InstanceMetadataEndpointState,
    ec2::InstanceMetadataProtocolState,
    ec2::InstanceMetadataTagsState,
    ec2::BootModeValues,
    ec2::HostnameType,
    ec2::InstanceAutoRecoveryState,
    ec2::InstanceRebootMigrationState,
    ec2::InstanceBootModeValues,
    ec2::InstanceBandwidthWeighting,
    ec2::SecondaryInterfaceStatus,
    ec2::SecondaryInterfaceType,
    ec2::InstanceStateName,
    ec2::ProductCodeValues,
    ec2::InstanceType,
    ec2::Tenancy,
    ec2::PlatformValues,
    ec2::MonitoringState,
    s3::BucketVersioningStatus,
    s3::EncryptionType,
    s3::MfaDeleteStatus,
    s3::ObjectLockEnabled,
    s3::ObjectLockRetentionMode,
    s3::ServerSideEncryption,
);

shapes! { ec2:
    Reservation { ReservationId: reservation_id, OwnerId: owner_id, RequesterId: requester_id, Groups: groups, Instances: instances }
    GroupIdentifier { GroupId: group_id, GroupName: group_name }
    Instance {
        Architecture: architecture, BlockDeviceMappings: block_device_mappings, ClientToken: client_token, EbsOptimized: ebs_optimized,
        EnaSupport: ena_support, Hypervisor: hypervisor, IamInstanceProfile: iam_instance_profile, InstanceLifecycle: instance_lifecycle,
        ElasticGpuAssociations: elastic_gpu_associations, ElasticInferenceAcceleratorAssociations: elastic_inference_accelerator_associations,
        NetworkInterfaces: network_interfaces, OutpostArn: outpost_arn, RootDeviceName: root_device_name, RootDeviceType: root_device_type,
        SecurityGroups: security_groups, SourceDestCheck: source_dest_check, SpotInstanceRequestId: spot_instance_request_id,
        SriovNetSupport: sriov_net_support, StateReason: state_reason, Tags: tags, VirtualizationType: virtualization_type, CpuOptions: cpu_options,
        CapacityBlockId: capacity_block_id, CapacityReservationId: capacity_reservation_id,
        CapacityReservationSpecification: capacity_reservation_specification, HibernationOptions: hibernation_options, Licenses: licenses,
        MetadataOptions: metadata_options, EnclaveOptions: enclave_options, BootMode: boot_mode, PlatformDetails: platform_details,
        UsageOperation: usage_operation, UsageOperationUpdateTime: usage_operation_update_time, PrivateDnsNameOptions: private_dns_name_options,
        Ipv6Address: ipv6_address, TpmSupport: tpm_support, MaintenanceOptions: maintenance_options,
        CurrentInstanceBootMode: current_instance_boot_mode, NetworkPerformanceOptions: network_performance_options, Operator: operator,
        SecondaryInterfaces: secondary_interfaces, InstanceId: instance_id, ImageId: image_id, State: state, PrivateDnsName: private_dns_name,
        PublicDnsName: public_dns_name, StateTransitionReason: state_transition_reason, KeyName: key_name, AmiLaunchIndex: ami_launch_index,
        ProductCodes: product_codes, InstanceType: instance_type, LaunchTime: launch_time, Placement: placement, KernelId: kernel_id,
        RamdiskId: ramdisk_id, Platform: platform, Monitoring: monitoring, SubnetId: subnet_id, VpcId: vpc_id, PrivateIpAddress: private_ip_address,
        PublicIpAddress: public_ip_address
    }
    InstanceBlockDeviceMapping { DeviceName: device_name, Ebs: ebs }
    EbsInstanceBlockDevice {
        AttachTime: attach_time, DeleteOnTermination: delete_on_termination, Status: status, VolumeId: volume_id,
        AssociatedResource: associated_resource, VolumeOwnerId: volume_owner_id, Operator: operator, EbsCardIndex: ebs_card_index
    }
    OperatorResponse { Managed: managed, Principal: principal, HiddenByDefault: hidden_by_default }
    IamInstanceProfile { Arn: arn, Id: id }
    ElasticGpuAssociation {
        ElasticGpuId: elastic_gpu_id, ElasticGpuAssociationId: elastic_gpu_association_id, ElasticGpuAssociationState: elastic_gpu_association_state,
        ElasticGpuAssociationTime: elastic_gpu_association_time
    }
    ElasticInferenceAcceleratorAssociation {
        ElasticInferenceAcceleratorArn: elastic_inference_accelerator_arn,
        ElasticInferenceAcceleratorAssociationId: elastic_inference_accelerator_association_id,
        ElasticInferenceAcceleratorAssociationState: elastic_inference_accelerator_association_state,
        ElasticInferenceAcceleratorAssociationTime: elastic_inference_accelerator_association_time
    }
    InstanceNetworkInterface {
        Association: association, Attachment: attachment, Description: description, Groups: groups, Ipv6Addresses: ipv6_addresses,
        MacAddress: mac_address, NetworkInterfaceId: network_interface_id, OwnerId: owner_id, PrivateDnsName: private_dns_name,
        PrivateIpAddress: private_ip_address, PrivateIpAddresses: private_ip_addresses, SourceDestCheck: source_dest_check, Status: status,
        SubnetId: subnet_id, VpcId: vpc_id, InterfaceType: interface_type, Ipv4Prefixes: ipv4_prefixes, Ipv6Prefixes: ipv6_prefixes,
        ConnectionTrackingConfiguration: connection_tracking_configuration, Operator: operator
    }
    InstanceNetworkInterfaceAssociation {
        CarrierIp: carrier_ip, CustomerOwnedIp: customer_owned_ip, IpOwnerId: ip_owner_id, PublicDnsName: public_dns_name, PublicIp: public_ip
    }
    InstanceNetworkInterfaceAttachment {
        AttachTime: attach_time, AttachmentId: attachment_id, DeleteOnTermination: delete_on_termination, DeviceIndex: device_index, Status: status,
        NetworkCardIndex: network_card_index, EnaSrdSpecification: ena_srd_specification, EnaQueueCount: ena_queue_count
    }
    InstanceAttachmentEnaSrdSpecification { EnaSrdEnabled: ena_srd_enabled, EnaSrdUdpSpecification: ena_srd_udp_specification }
    InstanceAttachmentEnaSrdUdpSpecification { EnaSrdUdpEnabled: ena_srd_udp_enabled }
    InstanceIpv6Address { Ipv6Address: ipv6_address, IsPrimaryIpv6: is_primary_ipv6 }
    InstancePrivateIpAddress { Association: association, Primary: primary, PrivateDnsName: private_dns_name, PrivateIpAddress: private_ip_address }
    InstanceIpv4Prefix { Ipv4Prefix: ipv4_prefix }
    InstanceIpv6Prefix { Ipv6Prefix: ipv6_prefix }
    ConnectionTrackingSpecificationResponse {
        TcpEstablishedTimeout: tcp_established_timeout, UdpStreamTimeout: udp_stream_timeout, UdpTimeout: udp_timeout
    }
    StateReason { Code: code, Message: message }
    Tag { Key: key, Value: value }
    CpuOptions { CoreCount: core_count, ThreadsPerCore: threads_per_core, AmdSevSnp: amd_sev_snp, NestedVirtualization: nested_virtualization }
    CapacityReservationSpecificationResponse {
        CapacityReservationPreference: capacity_reservation_preference, CapacityReservationTarget: capacity_reservation_target
    }
    CapacityReservationTargetResponse {
        CapacityReservationId: capacity_reservation_id, CapacityReservationResourceGroupArn: capacity_reservation_resource_group_arn
    }
    HibernationOptions { Configured: configured }
    LicenseConfiguration { LicenseConfigurationArn: license_configuration_arn }
    InstanceMetadataOptionsResponse {
        State: state, HttpTokens: http_tokens, HttpPutResponseHopLimit: http_put_response_hop_limit, HttpEndpoint: http_endpoint,
        HttpProtocolIpv6: http_protocol_ipv6, InstanceMetadataTags: instance_metadata_tags
    }
    EnclaveOptions { Enabled: enabled }
    PrivateDnsNameOptionsResponse {
        HostnameType: hostname_type, EnableResourceNameDnsARecord: enable_resource_name_dns_a_record,
        EnableResourceNameDnsAAAARecord: enable_resource_name_dns_aaaa_record
    }
    InstanceMaintenanceOptions { AutoRecovery: auto_recovery, RebootMigration: reboot_migration }
    InstanceNetworkPerformanceOptions { BandwidthWeighting: bandwidth_weighting }
    InstanceSecondaryInterface {
        Attachment: attachment, MacAddress: mac_address, SecondaryInterfaceId: secondary_interface_id, OwnerId: owner_id,
        PrivateIpAddresses: private_ip_addresses, SourceDestCheck: source_dest_check, Status: status, SecondarySubnetId: secondary_subnet_id,
        SecondaryNetworkId: secondary_network_id, InterfaceType: interface_type
    }
    InstanceSecondaryInterfaceAttachment {
        AttachTime: attach_time, AttachmentId: attachment_id, DeleteOnTermination: delete_on_termination, DeviceIndex: device_index, Status: status,
        NetworkCardIndex: network_card_index
    }
    InstanceSecondaryInterfacePrivateIpAddress { PrivateIpAddress: private_ip_address }
    InstanceState { Code: code, Name: name }
    ProductCode { ProductCodeId: product_code_id, ProductCodeType: product_code_type }
    Placement {
        AvailabilityZoneId: availability_zone_id, Affinity: affinity, GroupName: group_name, PartitionNumber: partition_number, HostId: host_id,
        Tenancy: tenancy, SpreadDomain: spread_domain, HostResourceGroupArn: host_resource_group_arn, GroupId: group_id,
        AvailabilityZone: availability_zone
    }
    Monitoring { State: state }
}

// After a semicolon: what is never absent.
shapes! { s3:
    ServerSideEncryptionConfiguration { ; Rules: rules }
    ServerSideEncryptionRule {
        ApplyServerSideEncryptionByDefault: apply_server_side_encryption_by_default, BucketKeyEnabled: bucket_key_enabled,
        BlockedEncryptionTypes: blocked_encryption_types
    }
    ServerSideEncryptionByDefault { KMSMasterKeyID: kms_master_key_id; SSEAlgorithm: sse_algorithm }
    BlockedEncryptionTypes { EncryptionType: encryption_type }
    ObjectLockConfiguration { ObjectLockEnabled: object_lock_enabled, Rule: rule }
    ObjectLockRule { DefaultRetention: default_retention }
    DefaultRetention { Mode: mode, Days: days, Years: years, DefaultEventHold: default_event_hold }
    EventHoldDuration { Days: days, Years: years }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_absent_is_left_out_and_an_empty_list_is_one() {
        let instance = ec2::Instance::builder()
            .instance_id("i-0123456789abcdef0")
            .launch_time(DateTime::from_secs_and_nanos(1_784_020_500, 120_000_000))
            .state(ec2::InstanceState::builder().code(16).name(ec2::InstanceStateName::Running).build())
            .set_tags(Some(Vec::new()))
            .security_groups(ec2::GroupIdentifier::builder().group_id("sg-1").build())
            .instance_type("x9.tomorrow".into())
            .ebs_optimized(false)
            .build();
        let told: Value = serde_json::to_value(Cli(&instance)).unwrap();
        let expected = json!({
            "InstanceId": "i-0123456789abcdef0", "LaunchTime": "2026-07-14T09:15:00.120000+00:00", "State": { "Code": 16, "Name": "running" }, "Tags": [],
            "SecurityGroups": [{ "GroupId": "sg-1" }], "InstanceType": "x9.tomorrow", "EbsOptimized": false,
        });
        assert_eq!(told, expected);
    }
}
