// Certificates for an engine on TCP, by the openssl program: Node can read X.509 but not write it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes a folder with an authority (`ca.pem`), the engine's pair (`server-cert.pem`, `server-key.pem`, good for
 * 127.0.0.1 and localhost) and the client's, named as Docker's clients look for them (`cert.pem`, `key.pem`).
 */
export function makeCertificates(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (name) => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl([
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-keyout',
    file('ca-key.pem'),
    '-out',
    file('ca.pem'),
  ])
  const pairs = [
    {
      name: 'server',
      cert: 'server-cert.pem',
      keyFile: 'server-key.pem',
      extra: 'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n',
    },
    { name: 'client', cert: 'cert.pem', keyFile: 'key.pem', extra: 'extendedKeyUsage=clientAuth\n' },
  ]
  for (const { name, cert, keyFile, extra } of pairs) {
    const request = file(`${name}.csr`)
    const extensions = file(`${name}.ext`)
    writeFileSync(extensions, extra)
    openssl(['req', ...key, '-subj', `/CN=${name}`, '-keyout', file(keyFile), '-out', request])
    const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-CAcreateserial']
    openssl(['x509', '-req', '-in', request, ...authority, '-days', '2', '-extfile', extensions, '-out', file(cert)])
  }
}

function openssl(args) {
  const { status, error, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`)
}
