import { safe } from '../text/escape-controls'
import { authorizedLine, requireKey } from './store'

/** @throws DockerBashError unless there is such a key of ours */
export function snippet(name: string): string {
  const line = safe(authorizedLine(requireKey(name))).replaceAll("'", '')
  return `# Let this key log in as root.
RUN install -d -m 0700 /root/.ssh \\
 && echo '${line}' >>/root/.ssh/authorized_keys \\
 && chmod 0600 /root/.ssh/authorized_keys

# phusion's image and those like it: start sshd, which is off there ...
RUN rm -f /etc/service/sshd/down

# ... or have no sshd at all.
# RUN rm -rf /etc/service/sshd /etc/my_init.d/00_regen_ssh_host_keys.sh
`
}
