/** The root filesystem the image is built on here: Debian as its slim image is, with the image's packages in it. */
import { debianTar, slim } from '../../../scripts/images.mjs'

/** Its archive, made in about a minute if it is not kept from before. */
export function rootfs(): Promise<string> {
  // The packages are here because the test engine has no network; image/build/packages installs only what is missing.
  // The host keys that openssh-server makes when it is installed are left out, as they are from debian:bookworm-slim.
  return debianTar('image', [
    ...slim,
    '--include=tini,runit,openssh-server,cron,logrotate,syslog-ng-core',
    '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*',
  ])
}
