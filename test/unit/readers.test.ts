/**
 * Who reads files without the bounded reader (src/lib/files): a FIFO or a device where a file should be waits or fills
 * the memory for ever. Every other module of src/ reads by readBounded() or readTrusted().
 */
import { traverse } from '@babel/core'
import { type Source, sources } from '../support/patterns'

const reads =
  /^(?:readFile|readFileSync|createReadStream|open|openSync|openAsBlob|read|readSync|readv|readvSync|promises)$/

/** Why each is harmless. What it reads is ours: nobody else's text decides what is opened. */
const known: Record<string, string> = {
  'entry/boot.ts': 'our own program',
  'entry/code-cache.ts':
    'O_NOFOLLOW and O_NONBLOCK, judged by fstat, bounded: pieces of megabytes are compared as they are read',
  'commands/completion/index.ts': 'of our package',
  'commands/config.ts': 'of our package',
  'entry/complete.ts': 'of our package',
  'cli/gateway/audit-file.ts': 'a file to append to, O_NOFOLLOW and O_NONBLOCK, judged by fstat',
  'cli/docker-plugin/argv.ts': 'our parent’s words',
  'lib/copy/spooled.ts': 'a file without a name that we made',
  'lib/engine/owner.ts': 'files of the kernel',
  'lib/fleet/input.ts': 'a file without a name that we made',
  'lib/files/bounded.ts': 'the bounded reader',
  'lib/host/connections.ts': 'files of the kernel',
  'lib/host/environment.ts': 'a bundle’s config, in a folder that was judged before',
  'lib/host/members.ts': 'files of the kernel',
  'lib/host/pipes-of-process.ts': 'a name alone, then the pipe that it was found to be',
  'lib/host/memory-file.ts': 'memory of a child of ours',
  'lib/host/inheritable-stdio.ts': 'what the kernel says of a descriptor of ours, bounded',
  'lib/host/temporary-places.ts': 'made exclusively',
  'lib/host/proc.ts': 'files of the kernel',
  'lib/host/warm-cgroups.ts': 'a control group’s file, to write',
  'lib/host/container-rootfs.ts': 'a container’s files by descriptor, bounded',
  'lib/host/root-owned.ts': 'a program of root’s, to be run: its name alone is opened',
  'lib/host/anonymous-file.ts': 'a file without a name that we made',
  'lib/host/container-shim.ts': 'files of the kernel; the words of a process only once it is root’s',
  'lib/image/build.ts': 'an archive of any size that the user names, as a stream',
  'lib/image/context.ts': 'of our package',
  'lib/image/write.ts': 'made exclusively',
  'lib/inside/tag.ts': '/dev/urandom, 8 bytes',
  'lib/copy/own-file.ts': 'of any size, to be copied: by its name alone, then the file that its server has open',
  'lib/files/data-files.ts': 'made exclusively; folders for fsync',
  'lib/session/file-input.ts': 'our own stdin, piece by piece',
  'lib/session/sink.ts': 'a descriptor of our own',
  'lib/session/spool-file.ts': 'a file that we made',
  'lib/target/stuck.ts': 'files of the kernel',
  'lib/terminal/key.ts': 'the terminal',
  'lib/terminal/own.ts': 'the terminal',
  'lib/terminal/passphrase.ts': 'the terminal',
  'lib/terminal/words.ts': 'our own words',
  'lib/transport/runc/console.ts': 'a name alone, then the terminal that it was found to be',
  'lib/transport/runc/log.ts': 'a file without a name that we made, bounded',
}

function readsFiles({ tree }: Source): boolean {
  let found = false
  traverse(tree, {
    ImportDeclaration({ node: { source, specifiers } }) {
      if (!/^(?:node:)?fs(?:\/promises)?$/.test(source.value)) return
      found ||= specifiers.some(
        (one) =>
          one.type !== 'ImportSpecifier' ||
          reads.test(one.imported.type === 'Identifier' ? one.imported.name : one.imported.value),
      )
    },
    // process.getBuiltinModule('node:fs'), require('node:fs')
    CallExpression({
      node: {
        callee,
        arguments: [first],
      },
    }) {
      const name =
        callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : ''
      const isRequire = (callee.type === 'Identifier' && callee.name === 'require') || name === 'getBuiltinModule'
      found ||= isRequire && first?.type === 'StringLiteral' && /^(?:node:)?fs(?:\/promises)?$/.test(first.value)
    },
  })
  return found
}

test('whoever reads files reads them bounded, or is known here', () => {
  const all = sources().filter(readsFiles)
  const unknown = all.map(({ file }) => file).filter((file) => !(file in known))
  expect(unknown).toEqual([])
})
