import type { Transport, TransportName } from '../model'

/** A transport that the plan knows and judges out, and that nothing can open yet. */
export function unbuilt(name: TransportName): Transport {
  return {
    name,
    judge: () => ({ transport: name, fits: false, because: 'not built yet', costs: [] }),
    open: () => Promise.reject(new TypeError(`${name} is not built yet`)),
  }
}
