package io.engagementwebhooks.bench.kill;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/**
 * An agent in the product: it stops the thread that reaches a {@link KillPoint} at a given pass, notifies the harness,
 * and never resumes it. The harness then sends SIGKILL, so code after the point has not run.
 */
public final class KillAgent {

    private static final AtomicInteger LEFT = new AtomicInteger();
    private static Socket harness;
    private static volatile boolean armed;

    private KillAgent() {}

    /** @param arguments point, pass, and the port of the harness, by commas */
    public static void premain(String arguments, Instrumentation instrumentation) throws IOException {
        String[] given = arguments.split(",");
        KillPoint point = KillPoint.valueOf(given[0]);
        LEFT.set(Integer.parseInt(given[1]));
        harness = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(given[2]));
        Class<?> advice = point.atBeginning ? Beginning.class : End.class;
        new AgentBuilder.Default()
                .type(named(point.method.type()))
                .transform((builder, type, loader, module, domain) -> builder.visit(
                        Advice.to(advice).on(named(point.method.name()).and(not(isAbstract())))))
                .installOn(instrumentation);
        Thread waiting = new Thread(KillAgent::awaitArming, "kill-agent");
        waiting.setDaemon(true);
        waiting.start();
    }

    /** Counts passes from the harness's signal, since recovery after the last kill would be stopped otherwise. */
    private static void awaitArming() {
        try {
            armed = harness.getInputStream().read() >= 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called where the point is. */
    public static void passed() {
        if (!armed || LEFT.decrementAndGet() != 0) {
            return;
        }
        try {
            harness.getOutputStream().write(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (true) {
            LockSupport.park(); // until the end of this process
        }
    }

    /** Put at the beginning of a method. */
    static final class Beginning {
        private Beginning() {}

        @Advice.OnMethodEnter
        static void enter() {
            passed();
        }
    }

    /** Put at the end of a method that returns. */
    static final class End {
        private End() {}

        @Advice.OnMethodExit
        static void exit() {
            passed();
        }
    }
}
