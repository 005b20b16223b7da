/** `/dev/sdf`, `/dev/xvdf`, `sdf`, `xvdf`, `/dev/vdb`, `/dev/xvdaa`; up to two letters, and a partition number as old clients give it (`/dev/sdf1`). */
const deviceNameForm = /^(?:\/dev\/)?(?:xvd|sd|vd|hd)([a-z]{1,2})(\d{0,2})$/;

/**
 * The slot that a device name means: `f` for `/dev/sdf` and for `xvdf`, since EC2 takes both for the same attachment point.
 * `undefined` when the text is no device name.
 */
export function deviceSlot(device: string): string | undefined {
  const match = deviceNameForm.exec(device);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}
