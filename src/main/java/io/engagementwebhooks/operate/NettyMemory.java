package io.engagementwebhooks.operate;

/**
 * Selects Netty's access to memory. By default it uses {@code sun.misc.Unsafe}, of which JDK 24 and later warn at each
 * start; there it uses the JDK's buffers. An operator can override this by Netty's property or the JVM's option
 * {@code --sun-misc-unsafe-memory-access}.
 */
final class NettyMemory {

    private static final String NO_UNSAFE = "io.netty.noUnsafe";
    private static final int FIRST_JDK_THAT_WARNS = 24;

    private NettyMemory() {}

    /** Must run before the first class of Netty is loaded. */
    static void avoidWarnings() {
        if (Runtime.version().feature() >= FIRST_JDK_THAT_WARNS
                && System.getProperty(NO_UNSAFE) == null
                && System.getProperty("sun.misc.unsafe.memory.access") == null) {
            System.setProperty(NO_UNSAFE, "true");
        }
    }
}
