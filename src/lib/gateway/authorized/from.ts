import { BlockList, isIP } from 'node:net'
import { globOf } from '../../fleet/glob'
import { addressOf } from '../../forward/names'
import { LineRefused } from './refused'

/** Part of `from=`: addresses, and whether they are kept out. */
export interface Pattern {
  readonly isNot: boolean
  fits(address: string): boolean
}

/**
 * A list of addresses, of networks (`10.0.0.0/8`) and of patterns of addresses (`10.0.*`), with `!` in front of those that
 * may not. Names of hosts are not looked up, so a line that has one is refused: nobody would be kept out by it.
 * @throws LineRefused
 */
export function patternsOf(list: string): Pattern[] {
  return list.split(',').map((part) => {
    const isNot = part.startsWith('!')
    return { isNot, fits: fitting(isNot ? part.slice(1) : part) }
  })
}

/** One has to fit, and none that is kept out may. */
export function isFrom(patterns: readonly Pattern[], address: string): boolean {
  const fitting = patterns.filter((one) => one.fits(address))
  return fitting.length > 0 && fitting.every(({ isNot }) => !isNot)
}

function fitting(text: string): (address: string) => boolean {
  const [network = '', bits] = text.split('/')
  const version = isIP(network)
  if (version !== 0) {
    const most = version === 6 ? 128 : 32
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (length < 0 || length > most || text.split('/').length > 2) throw cannot(text)
    const list = new BlockList()
    const family = version === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(network, length, family)
    if (!isNetwork(network, length)) throw cannot(text)
    return (address) => isIP(address) === version && list.check(address, family)
  }
  if (!/^[\da-fA-F.:*?]+$/.test(text) || !/[*?]/.test(text)) throw cannot(text)
  const pattern = globOf(text.toLowerCase())
  return (address) => pattern.test(address.toLowerCase())
}

/** The bits behind its length are zeros; with others sshd does not know what was meant, either. */
function isNetwork(network: string, length: number): boolean {
  const bits = Array.from(addressOf(network, 0).address, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return !bits.slice(length).includes('1')
}

const cannot = (text: string) => new LineRefused(`from= has ${text || 'an empty part'}, which is not an address`)
