/**
 * Memory, processor time and threads of the process, shared by accounts: what an account may use is asked before the work. Also
 * what every room is built with. It knows no other room.
 */
package io.engagementwebhooks.ledger;
