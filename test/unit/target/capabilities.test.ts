import { capabilitiesOf, grantedBy } from '../../../src/lib/target/capabilities'

test('bits by the kernel’s numbers', () => {
  expect(capabilitiesOf('0')).toEqual([])
  expect(capabilitiesOf('0000000000000401')).toEqual(['CHOWN', 'NET_BIND_SERVICE'])
  expect(capabilitiesOf('000001ffffffffff')).toHaveLength(41)
  // What Docker gives by default, as /proc shows it.
  expect(capabilitiesOf('00000000a80425fb').sort()).toEqual(grantedBy({}).sort())
})

test('what the settings give', () => {
  expect(grantedBy({ CapDrop: ['ALL'], CapAdd: ['CAP_CHOWN', 'net_admin'] })).toEqual(['CHOWN', 'NET_ADMIN'])
  expect(grantedBy({ CapDrop: ['CHOWN'] })).toHaveLength(13)
  expect(grantedBy({ CapAdd: ['ALL'] })).toHaveLength(41)
  expect(grantedBy({ Privileged: true })).toHaveLength(41)
})
