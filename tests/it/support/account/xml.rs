//! What EC2, STS and S3 say: XML.

use super::Instance;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A text as XML holds it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) fn instances(page: &[Instance], token: Option<&str>) -> String {
    let token = token.map_or_else(String::new, |token| format!("<nextToken>{token}</nextToken>"));
    let reservations: String = page.iter().map(reservation).collect();
    format!(
        "{HEAD}<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>0</requestId>\
         <reservationSet>{reservations}</reservationSet>{token}</DescribeInstancesResponse>"
    )
}

/// An instance in its reservation, with as much as most instances have.
fn reservation(instance: &Instance) -> String {
    let Instance { id, state, tags, platform, more } = instance;
    let tags: String = tags.iter().map(|(key, value)| format!("<item><key>{}</key><value>{}</value></item>", escaped(key), escaped(value))).collect();
    let tags = if tags.is_empty() { String::new() } else { format!("<tagSet>{tags}</tagSet>") };
    let code = [("pending", 0), ("running", 16), ("terminated", 48), ("stopped", 80)].iter().find(|(name, _)| *name == *state).map_or(64, |(_, code)| *code);
    let windows = if *platform == "Windows" { "<platform>windows</platform>" } else { "" };
    format!(
        "<item><reservationId>r-{id}</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet><item><instanceId>{id}</instanceId>\
         <imageId>ami-0abcdef1234567890</imageId><instanceState><code>{code}</code><name>{state}</name></instanceState>\
         <privateDnsName>ip-10-0-0-1.eu-west-1.compute.internal</privateDnsName><dnsName/><reason/><amiLaunchIndex>0</amiLaunchIndex><productCodes/>\
         <instanceType>t3.micro</instanceType><launchTime>2026-07-01T06:00:00.000Z</launchTime><placement><availabilityZone>eu-west-1a</availabilityZone>\
         <groupName/><tenancy>default</tenancy></placement>{windows}<platformDetails>{platform}</platformDetails><monitoring><state>disabled</state></monitoring>\
         <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><privateIpAddress>10.0.0.1</privateIpAddress><sourceDestCheck>true</sourceDestCheck>\
         <groupSet><item><groupId>sg-1</groupId><groupName>default</groupName></item></groupSet><architecture>x86_64</architecture>\
         <rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs>\
         <volumeId>vol-1</volumeId><status>attached</status><attachTime>2026-07-01T06:00:01.000Z</attachTime><deleteOnTermination>true</deleteOnTermination>\
         </ebs></item></blockDeviceMapping><virtualizationType>hvm</virtualizationType><clientToken>c-{id}</clientToken>{tags}<hypervisor>xen</hypervisor>\
         <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><status>in-use</status><attachment><attachmentId>eni-attach-1</attachmentId>\
         <deviceIndex>0</deviceIndex><status>attached</status><attachTime>2026-07-01T06:00:00.000Z</attachTime></attachment><privateIpAddressesSet><item>\
         <privateIpAddress>10.0.0.1</privateIpAddress><primary>true</primary></item></privateIpAddressesSet><ipv6AddressesSet/></item></networkInterfaceSet>\
         <ebsOptimized>false</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>\
         <metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit></metadataOptions>\
         {more}</item></instancesSet></item>"
    )
}

pub(super) fn identity(account: &str) -> String {
    format!(
        "{HEAD}<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{account}:assumed-role/sessiontrail-reader/sessiontrail</Arn><UserId>AROA:sessiontrail</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
}

/// A setting of a bucket: the name of its outermost element, and what is in it.
pub(super) fn setting(element: &str, inner: &str) -> String {
    format!("{HEAD}<{element} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{element}>")
}

pub(super) fn s3_error(code: &str, message: &str) -> String {
    format!("{HEAD}<Error><Code>{code}</Code><Message>{message}</Message><RequestId>0</RequestId><HostId>0</HostId></Error>")
}

pub(super) fn ec2_error(code: &str, message: &str) -> String {
    format!("{HEAD}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>0</RequestID></Response>")
}

pub(super) fn sts_error(code: &str, message: &str) -> String {
    format!(
        "{HEAD}<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>0</RequestId></ErrorResponse>"
    )
}
