/** Whom a gateway leads where, as far as no engine is asked. */
import { admit } from '../../../src/lib/gateway/admission'
import type { Entry } from '../../../src/lib/gateway/authorized/file'
import { everything } from '../../../src/lib/gateway/permits'
import { NoContainer } from '../../../src/lib/target/resolve'

test.each([
  [['web'], 'weg is not among the containers that this gateway leads to', 'whoever runs it names them by --allow'],
  [[], 'no container named weg', 'did you mean wage?'],
])('allowed: %j; one that is not there', async (allow, message, hint) => {
  const find = () => Promise.reject(new NoContainer('no container named weg', { hint: 'did you mean wage?' }))
  const settings = () => {
    throw new Error('nobody is in')
  }
  const talk = { begin: () => () => undefined, tell: () => undefined, ends: undefined }
  const entry = { permits: everything } as Entry
  await expect(admit('weg', entry, talk, { find, settings, allow })).rejects.toMatchObject({ message, hint })
})
