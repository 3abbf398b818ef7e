/** What makes the system calls that Node has none for: there on nearly every host. */
export const perl = '/usr/bin/perl'
