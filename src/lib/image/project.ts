import { DockerBashError } from '../errors'
import { formatPublic, type PublicKey } from '../ssh/fingerprint'
import { quote } from '../text/quote'
import { requireImageName } from './reference'

/** Who may log in by SSH: a key, the image's own, or nobody as there is no sshd. */
export type Entrance = { readonly key: PublicKey } | 'insecure' | 'none'

/** What `init` has to know. */
export interface Project {
  /** Of the image and the container. */
  readonly name: string
  readonly base: string
  readonly service: string
  /** What the service runs: a line for sh. */
  readonly command: string
  readonly entrance: Entrance
}

export interface ProjectFile {
  /** Below the project's folder. */
  readonly path: string
  readonly text: string
  readonly executable: boolean
}

/** phusion's, on Ubuntu 22.04. */
export const phusion = 'phusion/baseimage:jammy-1.0.4'
export const usualService = 'app'
export const usualCommand = 'sleep infinity'

/** The files of a project; nothing is written. @throws DockerBashError for an answer that does not fit */
export function projectFiles(project: Project): ProjectFile[] {
  requireFit(project)
  const { service } = project
  const { run, boot } = pathsOf(service)
  return [
    { path: 'Dockerfile', text: dockerfile(project), executable: false },
    { path: run, text: runScript(project), executable: true },
    { path: boot, text: bootScript, executable: true },
  ]
}

/** Where they would be, the Dockerfile first, if nobody names the service otherwise. */
export function usualPaths(service = usualService): string[] {
  const { run, boot } = pathsOf(service)
  return ['Dockerfile', run, boot]
}

function pathsOf(service: string) {
  return { run: `service/${service}/run`, boot: `my_init.d/10_${service}.sh` }
}

/** Each of the answers by itself, so that one who is asked can be told at once: what is wrong, or undefined. */
export const unfit = {
  name: (text: string) =>
    /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(text) && text.length > 1 && text.length < 64
      ? undefined
      : 'a name is of 2 to 63 small letters and digits, with single . _ - between them',
  base: (text: string) => {
    try {
      requireImageName(text)
      return undefined
    } catch {
      return 'that is not the name of an image'
    }
  },
  service: (text: string) =>
    /^[a-z0-9][a-z0-9-]{0,31}$/.test(text) ? undefined : 'a service is called by small letters, digits and dashes',
  command: (text: string) =>
    text.trim() !== '' && !/[\x00-\x1f\x7f]/.test(text) ? undefined : 'a command is one line of text, and not empty',
}

function requireFit(project: Project): void {
  for (const name of ['name', 'base', 'service', 'command'] as const) {
    const wrong = unfit[name](project[name])
    if (wrong === undefined) continue
    throw new DockerBashError(`invalid value "${project[name]}" for --${name}`, { hint: wrong })
  }
}

function dockerfile({ base, service, entrance }: Project): string {
  const { run, boot } = pathsOf(service)
  return `FROM ${base}

# What runs at boot, in lexical order, and what runs on from then: each folder of service/ is one.
COPY my_init.d/ /etc/my_init.d/
COPY service/ /etc/service/
RUN chmod 0755 /etc/${boot} /etc/${run}

${entranceLines(entrance)}
CMD ["/sbin/my_init"]
`
}

const sshdOn = 'RUN rm -f /etc/service/sshd/down'

function entranceLines(entrance: Entrance): string {
  if (entrance === 'none') {
    return `# No sshd, for good.
RUN rm -rf /etc/service/sshd /etc/my_init.d/00_regen_ssh_host_keys.sh
`
  }
  if (entrance === 'insecure') {
    return `# sshd is on, and whoever has the image can log in as root: not for production.
${sshdOn}
RUN /usr/sbin/enable_insecure_key
`
  }
  return `# sshd is on, and this key lets in as root.
${sshdOn}
RUN install -d -m 0700 /root/.ssh \\
 && echo ${quote(keyLine(entrance.key))} >>/root/.ssh/authorized_keys \\
 && chmod 0600 /root/.ssh/authorized_keys
`
}

/** Of the comment only what means nothing to a Dockerfile, to sh or to its echo. */
function keyLine(key: PublicKey): string {
  return formatPublic({ ...key, comment: key.comment.replace(/[^\w.@:+ -]+/g, '_') })
}

/** A few words are run as they are; all else is one word for a shell of its own. */
function runScript({ service, command }: Project): string {
  const words = command.trim().split(/ +/)
  const plain = words.every((word) => quote(word) === word)
  return `#!/bin/sh
# ${service}: started at boot, and again whenever it ends; TERM stops it. It has to stay in the foreground.
# As a user of its own: exec setuser USER …
exec ${plain ? words.join(' ') : `/bin/sh -c ${quote(command.trim())}`}
`
}

const bootScript = `#!/bin/sh
# Runs at each boot, before the services. If it fails, the container does not start.
set -eu
# A file in here is a variable for all that comes later.
# echo 8080 >/etc/container_environment/PORT
`

/** What to type once the files are there. @param folder as it was typed */
export function nextSteps({ name, base, entrance }: Project, folder: string, usualImage: string): string[] {
  return [
    ...(base.replace(/:latest$/, '') === usualImage ? ['docker-bash image build'] : []),
    `docker build -t ${name} ${quote(folder)}`,
    `docker run -d --name ${name} ${name}`,
    ...(entrance === 'none' ? [] : [`docker-bash key install ${name}`]),
    `docker-bash ${name}`,
  ]
}
