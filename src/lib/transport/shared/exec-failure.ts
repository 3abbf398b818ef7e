/**
 * Whether a stream's first bytes may be a runtime's own word that the command was not run. runc has closed its way to say
 * so when the kernel refuses (since 1.1.12, CVE-2024-21626): it writes where the command would, and ends with 1 or 255.
 * crun writes there, too, before or after it has written its log.
 */
export function isExecFailure(text: string): boolean {
  if (text.length > 8192) return false
  return /^exec:? (?!failed:)[^\n]*[a-z]\r?\n$/.test(text) || isLogged(text)
}

/** Words of crun's: its log comes with them, before or after, and tells them from the command's when it has ended. */
export function isLogged(text: string): boolean {
  return /^(?:executable file `|open executable: )[^\n]*\r?\n$/.test(text)
}
