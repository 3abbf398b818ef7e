import { wordsFromDocker } from '../../../../src/cli/docker-plugin/argv'

const around = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker', DOCKER_HOST: 'unix:///old' }
const read = (...argv: string[]) => {
  const env: NodeJS.ProcessEnv = { ...around }
  return { words: wordsFromDocker(argv, env), env }
}

test.each<[string[], string[], NodeJS.ProcessEnv]>([
  [['bash', 'web', 'ls'], ['web', 'ls'], { DOCKER_HOST: 'unix:///old' }],
  [['bash', 'bash', 'bash'], ['bash', 'bash'], { DOCKER_HOST: 'unix:///old' }],
  [['bash'], [], { DOCKER_HOST: 'unix:///old' }],
  [['--context', 'prod', 'bash', 'web'], ['web'], { DOCKER_CONTEXT: 'prod' }],
  [['-c', 'prod', 'bash', '-c', 'ls', 'web'], ['-c', 'ls', 'web'], { DOCKER_CONTEXT: 'prod' }],
  [['-H', 'tcp://x:1', 'bash', '-l'], ['-l'], { DOCKER_HOST: 'tcp://x:1' }],
  [['-H=tcp://x:1', 'bash', '-H', 'y', 'web'], ['-H', 'y', 'web'], { DOCKER_HOST: 'tcp://x:1' }],
  [
    ['--config', '/c', '-D', '-l', 'error', 'bash', 'web'],
    ['web'],
    { DOCKER_HOST: 'unix:///old', DOCKER_CONFIG: '/c', DEBUG: '1' },
  ],
  [['--tls', '--tlsverify=false', 'bash', 'web'], ['web'], { DOCKER_HOST: 'unix:///old', DOCKER_TLS: '1' }],
  [
    ['--tlsverify', '--tlscacert', 'a', 'bash', 'w'],
    ['w'],
    { DOCKER_HOST: 'unix:///old', DOCKER_TLS_VERIFY: '1', DOCKER_BASH_TLSCACERT: 'a' },
  ],
  [['help', 'bash'], ['--help'], { DOCKER_HOST: 'unix:///old' }],
  [['help', 'bash', 'key', 'list'], ['key', 'list', '--help'], { DOCKER_HOST: 'unix:///old' }],
  [['--help', 'bash'], ['--help'], { DOCKER_HOST: 'unix:///old' }],
])('%j is %j', (argv, words, env) => {
  expect(read(...argv)).toEqual({ words, env })
})

test('further down from a client, words are as they are', () => {
  for (const argv of [['web', 'bash'], ['-H', 'x', 'web'], ['help'], []]) expect(read(...argv).words).toEqual(argv)
})

test('what we start is not a plugin', () => {
  expect(read('web').env).not.toHaveProperty('DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND')
})
