"""An answer of DescribeInstances in which every member is there that botocore's model of EC2 knows."""

import botocore.session


def xml(shape, name, path):
    """A value of this shape as an element of this name."""
    if shape.type_name == "structure":
        members = ((member.serialization.get("name", key), member, f"{path}.{key}") for key, member in shape.members.items())
        inner = "".join(xml(member, element, below) for element, member, below in members)
    elif shape.type_name == "list":
        inner = "".join(xml(shape.member, shape.member.serialization.get("name", "item"), f"{path}{number}") for number in range(2))
    elif shape.type_name == "boolean":
        inner = "true"
    elif shape.type_name in ("integer", "long"):
        inner = str(len(path))
    elif shape.type_name == "timestamp":
        inner = "2026-07-14T09:15:00.123Z"
    elif shape.type_name == "string":
        inner = shape.enum[-1] if shape.enum else path
    else:
        raise SystemExit(f"{path}: {shape.type_name} is not known here")
    return f"<{name}>{inner}</{name}>"


def main():
    model = botocore.session.get_session().get_service_model("ec2")
    reservations = model.operation_model("DescribeInstances").output_shape.members["Reservations"]
    told = xml(reservations, reservations.serialization["name"], "")
    print(f'<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>0</requestId>{told}</DescribeInstancesResponse>')


main()
