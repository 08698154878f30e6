/**
 * The memory, processor time and threads of the process, shared by accounts, which reserve them before use. Also the
 * context in which all packages are set up. Depends on no other package.
 */
package io.engagementwebhooks.ledger;
