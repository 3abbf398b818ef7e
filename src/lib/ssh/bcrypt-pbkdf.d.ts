declare module 'bcrypt-pbkdf' {
  /** @returns 0 when `key` was filled */
  export function pbkdf(
    passphrase: Buffer,
    passphraseLength: number,
    salt: Buffer,
    saltLength: number,
    key: Buffer,
    keyLength: number,
    rounds: number,
  ): number
}
