/** Whether this browser has passkeys for this page: not over plain http, nor for an address of numbers. */
export const hasPasskeys = (): boolean => window.isSecureContext && 'PublicKeyCredential' in window && !/^[\d.]+$|:/.test(window.location.hostname);
