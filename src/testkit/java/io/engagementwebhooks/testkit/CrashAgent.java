package io.engagementwebhooks.testkit;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/**
 * An agent in a {@link SeparateProduct} that ends the process, like a crash, while it renders a certain event's body.
 */
public final class CrashAgent {

    /** The text of an event that ends the process. */
    public static final String DEADLY = "crash-while-rendering";

    /** The exit code of the crash. */
    public static final int EXIT_CODE = 77;

    private CrashAgent() {}

    /** The JVM option that lets a product crash. @param folder receives the agent's jar */
    public static List<String> launcher(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", CrashAgent.class.getName());
        Path agent = folder.resolve("crash-agent.jar");
        new JarOutputStream(Files.newOutputStream(agent), manifest).close();
        return List.of("env", "JAVA_TOOL_OPTIONS=-javaagent:" + agent);
    }

    public static void premain(String none, Instrumentation instrumentation) {
        new AgentBuilder.Default()
                .disableClassFormatChanges()
                .ignore(none())
                .type(named("io.engagementwebhooks.webhook.template.Template"))
                .transform((builder, type, loader, module, domain) ->
                        builder.visit(Advice.to(Crash.class).on(named("bytes"))))
                .installOn(instrumentation);
    }

    /** Inlined into the product's class, so it may use only the JDK. */
    static final class Crash {
        private Crash() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(0) Object event) {
            if (event.toString().contains("crash-while-rendering")) {
                Runtime.getRuntime().halt(77);
            }
        }
    }
}
