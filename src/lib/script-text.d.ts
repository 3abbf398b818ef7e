/** Programs for a perl or a shell, as text without its comments (scripts/script-text.cjs). */
declare module '*.pl' {
  const text: string
  export default text
}

declare module '*.sh' {
  const text: string
  export default text
}
