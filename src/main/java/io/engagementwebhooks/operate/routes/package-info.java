/** Route files: read, checked in a scratch context, and exchanged in the running one. They know steps by name. */
package io.engagementwebhooks.operate.routes;
