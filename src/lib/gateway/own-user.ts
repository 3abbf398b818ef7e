/** Stands for the container's own user, where a client has to name one. */
export const ownUser = 'docker-bash'
