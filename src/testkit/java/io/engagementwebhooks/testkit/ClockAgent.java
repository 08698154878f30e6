package io.engagementwebhooks.testkit;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Instant;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/** An agent in a {@link SeparateProduct} that offsets {@code Clock} as {@link ClockOfSeparate} says. */
public final class ClockAgent {

    private ClockAgent() {}

    /** @param port of {@link ClockOfSeparate} */
    public static void premain(String port, Instrumentation instrumentation) throws IOException {
        new AgentBuilder.Default()
                .disableClassFormatChanges()
                .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                .ignore(none())
                .type(named("java.time.Clock$SystemClock"))
                .transform((builder, type, loader, module, domain) -> builder.visit(
                                Advice.to(AsInstant.class).on(named("instant")))
                        .visit(Advice.to(AsMillis.class).on(named("millis"))))
                .installOn(instrumentation);
        Socket setter = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
        Thread thread = new Thread(() -> follow(setter), "clock-agent");
        thread.setDaemon(true);
        thread.start();
    }

    private static void follow(Socket setter) {
        try (DataInputStream in = new DataInputStream(setter.getInputStream())) {
            while (true) {
                System.setProperty("test.clock.ahead", Long.toString(in.readLong()));
                setter.getOutputStream().write(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Inlined into the JDK's clock, so it may use only the JDK. */
    static final class AsInstant {
        private AsInstant() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Instant now) {
            now = now.plusMillis(Long.getLong("test.clock.ahead", 0));
        }
    }

    /** As above, in milliseconds. */
    static final class AsMillis {
        private AsMillis() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) long now) {
            now += Long.getLong("test.clock.ahead", 0);
        }
    }
}
