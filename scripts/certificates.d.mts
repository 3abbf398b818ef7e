/** `ca.pem`, `server-cert.pem`, `server-key.pem`, `cert.pem`, `key.pem`, in a folder made for them. */
export function makeCertificates(folder: string): void
