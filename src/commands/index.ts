import type { Command } from '../command'
import Enter from './enter'
import Explain from './explain'
import Ip from './ip'
import Ls from './ls'

/** Every command by oclif's ID, for its help and manifest. What runs loads only the one that is meant (`load.ts`). */
export const COMMANDS: Record<string, typeof Command> = { enter: Enter, explain: Explain, ip: Ip, ls: Ls }
