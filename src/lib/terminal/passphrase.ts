import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import { DockerBashError } from '../errors'
import { ownTerminal } from './own'

/**
 * A passphrase, typed unseen: by the program that SSH_ASKPASS names when there is no terminal (or SSH_ASKPASS_REQUIRE
 * says so, as for ssh), else at the terminal itself, whatever our input and output are.
 * @throws DockerBashError when there is neither
 */
export async function askSecret(question: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: required } = env
  const terminal = required === 'force' ? undefined : ownTerminal()
  if (program && (!terminal || required === 'prefer')) {
    if (terminal !== undefined) closeSync(terminal)
    return askProgram(program, question)
  }
  if (terminal === undefined) {
    throw new DockerBashError(`no terminal to ask on: ${question}`, {
      hint: 'add the key to an agent (ssh-add), or name a program that asks: SSH_ASKPASS',
    })
  }
  return askTerminal(terminal, question)
}

function askProgram(program: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [question], { stdio: ['ignore', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    const failed = (how: string) =>
      reject(new DockerBashError(`SSH_ASKPASS gave no answer: ${how}`, { hint: `try it by hand: ${program} question` }))
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (error) => failed(error.message))
    child.once('close', (code) => {
      if (code === 0)
        resolve(
          Buffer.concat(chunks)
            .toString()
            .replace(/\r?\n$/, ''),
        )
      else failed(`it ended with ${code}`)
    })
  })
}

async function askTerminal(terminal: number, question: string): Promise<string> {
  const { password } = await import('@inquirer/prompts')
  const input = new ReadStream(terminal)
  const output = new WriteStream(openSync('/dev/tty', 'w'))
  try {
    return await password({ message: question }, { input, output, clearPromptOnDone: true })
  } catch (cause) {
    throw new DockerBashError('no passphrase was given', {
      hint: 'run it again, or add the key to an agent: ssh-add',
      cause,
    })
  } finally {
    input.destroy()
    output.destroy()
  }
}
