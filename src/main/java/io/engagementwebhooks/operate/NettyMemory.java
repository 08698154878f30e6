package io.engagementwebhooks.operate;

/**
 * How Netty reaches memory. By {@code sun.misc.Unsafe}, of which JDK 24 and later warn on the screen at each start; there
 * Netty uses the JDK's buffers instead. An operator who sets Netty's property, or the JVM's option
 * {@code --sun-misc-unsafe-memory-access}, decides.
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
