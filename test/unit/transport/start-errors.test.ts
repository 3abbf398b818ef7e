import { notFound } from '../../../src/lib/transport/shared/start-errors'

test.each([
  ['ls -la', "docker-bash -c 'ls -la' web"],
  ['cat a|wc', "docker-bash -c 'cat a|wc' web"],
  ["echo it's", "docker-bash -c 'echo it'\\''s' web"],
  ['cd', "docker-bash -c 'cd …' web"],
  ['export', "docker-bash -c 'export …' web"],
  ['--', 'docker-bash web ls'],
  ['/opt/x', 'docker-bash web ls -l /opt'],
  ['vim', "docker-bash -c 'echo $PATH' web"],
])('what %p should have been is said', (program, line) => {
  const error = notFound('web', program)
  expect(error).toMatchObject({ code: 127, message: `there is no ${program} in web` })
  expect(error.hint).toContain(line)
})
