import { DockerBashError } from '../errors'

export interface Failure {
  /** The engine's own words. */
  readonly error: string
  readonly log: readonly string[]
  /** The Dockerfile's line it came to. */
  readonly step?: string | undefined
  /** The image it was to be built on, if one was named. */
  readonly base?: string | undefined
  /** The archive that was being imported. */
  readonly importing?: string
  /** The name it was to get, when it was made already. */
  readonly naming?: string
}

const bring = 'mmdebstrap --variant=minbase --include=tini,runit,openssh-server,cron,logrotate,syslog-ng-core'

/** What became of a build, and what to do: mostly something is not there and cannot be fetched. */
export function buildFailure({ error, log, step, base, importing, naming }: Failure): DockerBashError {
  if (importing !== undefined) {
    return new DockerBashError(`the engine cannot import ${importing}: ${error}`, {
      hint: 'it must be a tar of a root filesystem, as mmdebstrap --variant=minbase bookworm rootfs.tar makes it',
    })
  }
  if (naming !== undefined) {
    return new DockerBashError(`the image is made, but cannot be called ${naming}: ${error}`, {
      hint: 'give it another name: docker-bash image build --tag NAME',
    })
  }
  if (step === undefined || /^FROM /i.test(step)) {
    return new DockerBashError(`the image to build on${base ? `, ${base},` : ''} is not here: ${error}`, {
      hint: `docker pull it; or, with no registry: mmdebstrap --variant=minbase bookworm rootfs.tar; docker-bash image build --from rootfs.tar`,
    })
  }
  const unfetched = step.includes('RUN ') && step.includes('/packages')
  return new DockerBashError(`the image could not be built: ${error}`, {
    lines: log,
    hint: unfetched
      ? `if no mirror is reached, start from a file that has the packages: ${bring} bookworm rootfs.tar; then --from rootfs.tar`
      : 'it must be Debian 12, Ubuntu 22.04 or later: name one with --from',
  })
}
