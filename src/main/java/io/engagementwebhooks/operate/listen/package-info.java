/** The command {@code listen}: passes the requests of an installation to a local address. It needs nothing else of it. */
package io.engagementwebhooks.operate.listen;
