import { DockerBashError } from '../errors'
import type { Door } from '../ssh/server/authentication'
import type { Container } from './container'

/**
 * For a stream that is private: whoever can write to it has started us, and a key would prove nothing more.
 * @param refused hears why somebody may not come in
 */
export function ownDoor(container: Container, refused: (error: unknown) => void): Door {
  return {
    methods: ['none'],
    judge: async ({ user, method }) => {
      if (method !== 'none') return 'no'
      try {
        await container.become(user)
        return 'yes'
      } catch (error) {
        refused(error instanceof DockerBashError ? error : new DockerBashError(String(error)))
        return 'no'
      }
    },
  }
}
