/** `/dev/sdf`, `/dev/xvdf`, `sdf`, `xvdf`, `/dev/vdb`, `/dev/xvdaa`, and with a partition number as old clients give it (`/dev/sdf1`). */
const diskNameForm = /^(?:xvd|sd|vd|hd)([a-z]{1,2}\d{0,2})$/;

/**
 * The attachment point that a device name means: `f` for `/dev/sdf` and for `xvdf`, since EC2 takes the two for the same.
 * Any other name stands for itself.
 */
export function deviceSlot(device: string): string {
  const name = device.replace(/^\/dev\//, '');
  return diskNameForm.exec(name)?.[1] ?? name;
}
