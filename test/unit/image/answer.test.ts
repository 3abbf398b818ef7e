import { readAnswer } from '../../../src/lib/image/answer'

async function words(...chunks: Buffer[]) {
  const all: unknown[] = []
  for await (const word of readAnswer(
    (async function* () {
      yield* chunks
    })(),
  ))
    all.push(word)
  return all
}
const lines = (...objects: object[]) => Buffer.from(objects.map((one) => `${JSON.stringify(one)}\r\n`).join(''))

test('steps, the log, the image', async () => {
  const said = lines(
    { stream: 'Step 1/2 : FROM x' },
    { stream: '\n' },
    { stream: ' ---> 56e4d01d4f3b\n' },
    { stream: '\u001b[91mone ' },
    { stream: 'line\u001b[0m' },
    { stream: '\nlast' },
    { aux: { ID: 'sha256:12' } },
    { status: 'pulling', id: 'layer' },
  )
  expect(await words(said)).toEqual([
    { kind: 'step', at: 1, of: 2, text: 'FROM x' },
    { kind: 'log', text: 'one line' },
    { kind: 'image', id: 'sha256:12' },
    { kind: 'log', text: 'last' },
    { kind: 'log', text: 'pulling' },
  ])
})

test('Podman’s steps', async () => {
  expect(await words(lines({ stream: 'STEP 2/11: RUN id\n' }))).toEqual([
    { kind: 'step', at: 2, of: 11, text: 'RUN id' },
  ])
})

test('an error comes after what was said before it', async () => {
  const said = lines({ stream: 'half' }, { errorDetail: { message: 'no' }, error: 'no\n' })
  expect(await words(said)).toEqual([
    { kind: 'log', text: 'half' },
    { kind: 'error', text: 'no' },
  ])
})

test('cut anywhere, it says the same', async () => {
  const whole = lines({ stream: 'Step 1/1 : RUN é\n' }, { stream: '日本\n' }, { error: 'nö' })
  const expected = await words(whole)
  for (let at = 0; at <= whole.length; at++) {
    expect(await words(whole.subarray(0, at), whole.subarray(at))).toEqual(expected)
  }
})
