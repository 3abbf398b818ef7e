import { DockerBashError } from '../../errors'

/** What a shell would end with 127 for. */
export function notFound(container: string, program: string): DockerBashError {
  const hint = program.includes('/')
    ? `look for it: docker-bash -c 'command -v …' ${container}`
    : `its PATH: docker-bash -c 'echo $PATH' ${container}`
  return new DockerBashError(`there is no ${program} in ${container}`, { hint, code: 127 })
}

/** What a shell would end with 126 for. */
export function notRunnable(container: string, program: string): DockerBashError {
  return new DockerBashError(`${program} in ${container} cannot be run`, {
    hint: `it is no program, or this user may not: docker-bash ${container} ls -l ${program}`,
    code: 126,
  })
}
