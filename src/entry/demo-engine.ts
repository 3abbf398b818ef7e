/** What scripts/demo.mjs asks an engine, as docker-bash itself does. */
export { reachEngine } from '../cli/engine'
export { createContainer, startContainer } from '../lib/engine/containers'
export { importEnd, importImage, removeImage } from '../lib/engine/images'
export { removeContainer } from '../lib/engine/remove'
export { engineVersion } from '../lib/engine/system'
