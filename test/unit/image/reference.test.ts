import { parseWithout } from '../../../src/lib/image/base'
import { parseTag, requireImageName } from '../../../src/lib/image/reference'

test.each([
  ['web', 'web', 'latest'],
  ['my/base:1.0', 'my/base', '1.0'],
  ['here:5000/a/b__c', 'here:5000/a/b__c', 'latest'],
  ['here:5000/a:V_1', 'here:5000/a', 'V_1'],
])('%s is a tag', (name, repo, tag) => expect(parseTag(name)).toEqual({ repo, tag }))

const hex = '0123456789abcdef'.repeat(4)
test.each(['', 'A', 'a b', 'a:', ':a', 'a//b', '-a', 'a:b:c', 'a\n', '$(id)', `a@sha256:${hex}`, 'a'.repeat(256)])(
  '%j is none',
  (name) => expect(() => parseTag(name)).toThrow(/invalid image name/),
)

test.each([`a:1@sha256:${hex}`, `sha256:${hex}`, hex.slice(0, 12)])('%s names an image', (name) =>
  expect(requireImageName(name)).toBe(name),
)

test('what is left out, in one order', () => {
  expect(parseWithout('')).toEqual([])
  expect(parseWithout('syslog, sshd,sshd')).toEqual(['sshd', 'syslog'])
  expect(() => parseWithout('sshd,x')).toThrow('the image has no part called x')
})
