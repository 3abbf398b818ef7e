/** What stands in dist/prompts.js: the prompts that we use, without the editor's and its character sets. */
export { input, password, Separator, search, select } from '@inquirer/prompts'
