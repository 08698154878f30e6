package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.config.read.TlsReader;
import io.engagementwebhooks.config.read.TlsRefused;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.Template;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Cache of compiled programs and templates, reused from one parse to the next. So a configuration with 100,000 webhooks
 * is not compiled again on every change. Not thread-safe.
 */
public final class Compiled {

    private final Map<Source, Object> before;
    private final Map<Source, Object> now = new HashMap<>();

    private record Source(String kind, String name, String text) {}

    Compiled(Map<Source, Object> before) {
        this.before = before;
    }

    public static Compiled nothing() {
        return new Compiled(Map.of());
    }

    /** The cache for the next parse: drops what this parse did not use. */
    public Compiled next() {
        return new Compiled(now);
    }

    public JqProgram jq(String text) {
        return (JqProgram) compiled(new Source("jq", "", text), JqProgram::compile);
    }

    JqProgram condition(String text) {
        return (JqProgram) compiled(new Source("condition", "", text), JqProgram::condition);
    }

    public Template json(String text) {
        return (Template) compiled(new Source("json", "", text), Template::json);
    }

    public Template form(String text) {
        return (Template) compiled(new Source("form", "", text), Template::form);
    }

    public Template text(String text) {
        return (Template) compiled(new Source("text", "", text), Template::text);
    }

    public Template header(String name, String text) {
        return (Template) compiled(new Source("header", name, text), header -> Template.header(name, header));
    }

    /** The cache key is a hash, since the texts hold private keys. */
    public Tls tls(TlsReader.Texts texts) throws TlsRefused {
        Source source = new Source("tls", "", texts.hash());
        Object known = now.get(source) == null ? before.get(source) : now.get(source);
        Tls tls = known == null ? texts.parse() : (Tls) known;
        now.put(source, tls);
        return tls;
    }

    private Object compiled(Source source, Function<String, Object> compiler) {
        Object known = now.get(source);
        if (known == null) {
            known = before.get(source);
            known = known == null ? compiler.apply(source.text) : known;
            now.put(source, known);
        }
        return known;
    }
}
