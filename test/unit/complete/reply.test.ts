import fc from 'fast-check'
import { Directive, format } from '../../../src/lib/complete/reply'
import { targetsFor } from '../../../src/lib/complete/targets'

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('$(reboot)', '`reboot`', 'a b', "a'b", 'a;b', '-l', '--host=x', '=ls', 'a\tb', 'a\n:0', '~', '*', ''),
)

test('whatever an engine says, a candidate is one plain word, and a line is one candidate', () => {
  fc.assert(
    fc.property(anything, anything, anything, anything, (name, service, image, label) => {
      const labels = {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.service': service,
        [label]: name,
      }
      const known = {
        containers: [{ Id: 'f'.repeat(64), Names: [`/${name}`], Image: image, Status: label, Labels: labels }],
        services: [{ ID: 's', Spec: { Name: service } }],
        tasks: [{ ServiceID: 's', Slot: 1, Status: { State: 'running' } }],
        project: 'shop',
      }
      for (const word of ['', 'name:', 'service:', 'image:', 'label:', 'task:', 'f']) {
        const lines = format({ candidates: targetsFor(word, known), directive: Directive.nothing }).split('\n')
        expect(lines.splice(-2)).toEqual([':4', ''])
        for (const line of lines) expect(line).toMatch(/^[\w/.:@][\w/.:@%+,=#-]*(\t[^\x00-\x1f\x7f-\x9f]*)?$/)
      }
    }),
  )
})

test('the same word is offered once', () => {
  const candidates = [
    { word: 'web', about: 'a container' },
    { word: 'web', about: 'a service' },
  ]
  expect(format({ candidates, directive: Directive.noSpace })).toBe('web\ta container\n:2\n')
})
