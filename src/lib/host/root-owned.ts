import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readBounded } from '../files/bounded'
import { type Fault, faultAt, faultOf, trustedFolder, wayTo } from '../files/way'
import { O_PATH } from './o-path'

/** Somebody besides root could have put it there. The message is a clause: `/x belongs to another user`. */
export class NotRoots extends Error {}

const setId = 0o6000
/** statfs(2): FUSE_SUPER_MAGIC. Any user may mount such a file system, and it shows the owners that he likes. */
const fuse = 0x65735546
/** As much as a bundle's config.json may be: the kernel takes 2 MiB of environment and arguments. */
const mostBytes = 4 * 1024 * 1024

/**
 * Follows a path of which every folder and link on the way, and what is there, is root's and can be put there by nobody
 * else. For root, whose work it is to look: only root can change any of it until the answer is used. The mode of what
 * is there is not judged: all may speak to a socket.
 * @returns the path without links, to be used from now on
 * @throws NotRoots
 */
export function rootsPath(path: string): string {
  requireOwn(path)
  const way = wayTo(path)
  if (!way) throw new NotRoots(`there is no ${path}`)
  if (!('real' in way)) throw new NotRoots(said(way))
  return owned(way.real)
}

/** The same for a folder in which nobody else can put anything. */
export function rootsFolder(path: string): string {
  requireOwn(path)
  const real = trustedFolder(path)
  if (real !== undefined) return owned(real)
  const fault = faultAt(path)
  throw new NotRoots(fault ? said(fault) : `${path} is not a folder of root’s alone`)
}

/** The bytes of a regular file that is root's all the way. @throws NotRoots, FileRefused, or the system's error */
export function readRoots(path: string, most = mostBytes): Buffer {
  const judge = (stat: Stats) => refuse(faultOf(stat, path))
  return readBounded(join(rootsFolder(dirname(path)), basename(path)), { most, noLink: true, judge })
}

/** Programs that were opened, by path. They stay open for as long as we run: the few runtimes that there are. */
const programs = new Map<string, string>()

/**
 * A program that is root's all the way, opened once.
 * @returns a path that leads to that very file, whatever becomes of its name. Nobody inherits the descriptor: inside a
 * container it would be a way to the host's file (CVE-2019-5736).
 * @throws NotRoots, or the system's error
 */
export function rootsProgram(path: string): string {
  const opened = programs.get(path)
  if (opened !== undefined) return opened
  const fd = openSync(rootsPath(path), O_PATH | constants.O_NOFOLLOW)
  try {
    const stat = fstatSync(fd)
    refuse(faultOf(stat, path))
    if (!isRootsProgram(stat) || (stat.mode & 0o111) === 0) throw new NotRoots(`${path} is not a program to be run`)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  // Our number in this /proc, which may be of another PID namespace than we are.
  const file = `/proc/${readlinkSync('/proc/self')}/fd/${fd}`
  programs.set(path, file)
  return file
}

/** A process's program: not somebody else's, and not one that makes root of whoever starts it. */
export function isRootsProgram(stat: Stats): boolean {
  return stat.isFile() && stat.uid === 0 && !faultOf(stat, '') && (stat.mode & setId) === 0
}

/** @throws NotRoots where there is a fault */
function refuse(fault: Fault | undefined): void {
  if (fault) throw new NotRoots(said(fault))
}

function said({ at, is }: Fault): string {
  return `${at} ${words[is]}`
}
const words = { 'of another user': 'belongs to another user', 'open to others': 'can be written by others than root' }

/** Its links lead where their text does not say. */
function requireOwn(path: string): void {
  if (!path.startsWith('/') || path.startsWith('/proc/')) throw new NotRoots(`${path} is not the path of a file here`)
}

/** @throws NotRoots in a file system that a user has mounted */
function owned(real: string): string {
  if (statfsSync(real).type === fuse) throw new NotRoots(`${real} is in a file system that a user may have mounted`)
  return real
}
