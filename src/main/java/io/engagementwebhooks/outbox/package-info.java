/** Takes due rows and gives turns: which delivery begins when, fairly between accounts. It knows no protocol. */
package io.engagementwebhooks.outbox;
