import type { Engine } from '../../engine/engine'
import { inspectExec } from '../../engine/exec'
import type { BarrierWord } from '../../inside/barrier'
import { Preface } from '../../inside/preface'
import { isExecFailure } from '../shared/exec-failure'
import type { Output } from '../shared/output'

/** What comes first of an exec behind the barrier. */
export interface First {
  /** The barrier's; absent when the output ended without it. */
  readonly word?: BarrierWord
  /** What came instead. */
  readonly said: string
}

/**
 * The barrier's line, taken out of the output.
 * @param name the container's
 * @throws DockerBashError when too much comes before it
 */
export function firstWord(output: Output, tag: string, name: string): Promise<First> {
  return new Promise((settle, reject) => {
    const preface = new Preface(tag, name)
    output.filter((bytes) => {
      try {
        const read = preface.take(bytes)
        if (!read) return undefined
        output.filter(undefined)
        settle({ word: read.word, said: '' })
        return Buffer.concat([read.before, read.behind])
      } catch (error) {
        output.filter(() => undefined)
        reject(error)
        return undefined
      }
    })
    void output.ended.then(() => settle({ said: preface.toString() }))
  })
}

/**
 * What a program without a barrier says first; nothing, once it runs and has said nothing.
 * @param isRefusal such words are the engine's, and not the program's output
 */
export function firstOutput(
  engine: Engine,
  exec: string,
  output: Output,
  isRefusal: (text: string) => boolean,
): Promise<string> {
  return new Promise((settle) => {
    output.filter((bytes) => {
      output.filter(undefined)
      const text = bytes.toString()
      settle(text)
      return isRefusal(text) ? undefined : bytes
    })
    const nothing = () => settle('')
    void output.ended.then(nothing)
    // Of an engine that went meanwhile the session's ending tells.
    running(engine, exec).then(nothing, nothing)
  })
}

/** Settles once the process is there: what it prints from then on is its own. */
async function running(engine: Engine, exec: string): Promise<void> {
  for (let wait = 5; ; wait *= 2) {
    const { running: runs, pid } = await inspectExec(engine, exec)
    if (pid !== 0 || !runs) return
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/**
 * The runtime's word, among the output, that the kernel did not run the command; it is not output.
 * @returns `isWord`, which sees a terminal's first bytes; `unrun`, the word once it has come
 */
export function runtimesWord(output: Output, tty: boolean) {
  let said: string | undefined
  const isWord = (text: string) => {
    if (isExecFailure(text)) said = text
    return said !== undefined
  }
  if (!tty) {
    output.filter((bytes) => {
      output.filter(undefined, 'stderr')
      return isWord(bytes.toString()) ? undefined : bytes
    }, 'stderr')
  }
  return { isWord: (text: string) => tty && isWord(text), unrun: () => said }
}
