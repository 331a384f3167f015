package io.sluice.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A real Chromium with one page, driven over its DevTools protocol. Used by one thread. */
final class Browser implements AutoCloseable {

    static final Path CHROMIUM =
            Path.of(System.getProperty("sluice.chromium", "/usr/bin/chromium"));
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("DevTools listening on (ws://\\S+)");

    private final ObjectMapper json = new ObjectMapper();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final WebSocket socket;
    private final String session;

    Browser(Path profile) throws Exception {
        process =
                new ProcessBuilder(
                                CHROMIUM.toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--hide-scrollbars",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--user-data-dir=" + profile,
                                "--remote-debugging-port=0",
                                "about:blank")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        socket =
                http.newWebSocketBuilder()
                        .buildAsync(URI.create(address()), new Listener())
                        .get(30, TimeUnit.SECONDS);
        String target =
                send("", "Target.createTarget", Map.of("url", "about:blank"))
                        .get("targetId")
                        .asText();
        session =
                send("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                        .get("sessionId")
                        .asText();
        send("Page.enable", Map.of());
        send("Runtime.enable", Map.of());
        send("Log.enable", Map.of());
    }

    private String address() throws IOException {
        List<String> said = new ArrayList<>();
        BufferedReader errors = process.errorReader();
        for (String line; (line = errors.readLine()) != null; ) {
            said.add(line);
            Matcher matcher = ADDRESS.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> errors.lines().forEach(ignored -> {}));
                return matcher.group(1);
            }
        }
        throw new AssertionError("Chromium ended: " + said);
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void heard(String message) {
        try {
            JsonNode heard = json.readTree(message);
            CompletableFuture<JsonNode> answer = answers.remove(heard.path("id").asInt(-1));
            if (answer != null && heard.has("error")) {
                answer.completeExceptionally(new AssertionError(heard.get("error").toString()));
            } else if (answer != null) {
                answer.complete(heard.get("result"));
            } else if (heard.path("method").asText().equals("Runtime.exceptionThrown")) {
                complaints.add(heard.at("/params/exceptionDetails").toString());
            } else if (heard.path("method").asText().equals("Log.entryAdded")
                    && heard.at("/params/entry/source").asText().equals("security")) {
                complaints.add(heard.at("/params/entry").toString());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode send(String to, String method, Map<String, Object> parameters) {
        int number = numbers.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(number, answer);
        try {
            Map<String, Object> message =
                    to.isEmpty()
                            ? Map.of("id", number, "method", method, "params", parameters)
                            : Map.of(
                                    "id",
                                    number,
                                    "method",
                                    method,
                                    "params",
                                    parameters,
                                    "sessionId",
                                    to);
            socket.sendText(json.writeValueAsString(message), true).get(30, TimeUnit.SECONDS);
            return answer.get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(method + " of Chromium", e);
        }
    }

    private JsonNode send(String method, Map<String, Object> parameters) {
        return send(session, method, parameters);
    }

    void open(String url) {
        send("Page.navigate", Map.of("url", url));
    }

    /** The value of an expression in the page. */
    JsonNode value(String expression) {
        JsonNode answer =
                send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.at("/result/value");
    }

    String text() {
        return value("document.body.innerText").asText();
    }

    /** Waits until an expression in the page is true; says what the page shows if it never is. */
    void await(String expression) {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> value("Boolean(" + expression + ")").asBoolean());
        } catch (RuntimeException e) {
            throw new AssertionError(expression + " never came true. The page says:\n" + text(), e);
        }
    }

    void awaitText(String shown) {
        await("document.body.innerText.includes(" + json.valueToTree(shown) + ")");
    }

    /** Presses the mouse on what the selector finds, in its first line where it has several. */
    void click(String selector) {
        String found = "document.querySelector(" + json.valueToTree(selector) + ")";
        await(found);
        value(found + ".scrollIntoView({block: 'center'})");
        JsonNode at =
                value(
                        "(() => { const r = "
                                + found
                                + ".getClientRects()[0];"
                                + " return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            at.get(0).asDouble(),
                            "y",
                            at.get(1).asDouble(),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    /** Types into what the selector finds. */
    void type(String selector, String text) {
        click(selector);
        send("Input.insertText", Map.of("text", text));
    }

    /** A press of the tabulator. */
    void tab() {
        for (String type : List.of("keyDown", "keyUp")) {
            send("Input.dispatchKeyEvent", Map.of("type", type, "key", "Tab", "code", "Tab"));
        }
    }

    void look(int width, int height, boolean dark) {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        width,
                        "height",
                        height,
                        "deviceScaleFactor",
                        1,
                        "mobile",
                        width < 600));
        send(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of(
                                        "name",
                                        "prefers-color-scheme",
                                        "value",
                                        dark ? "dark" : "light"))));
    }

    /** A picture of the whole page. */
    void picture(Path file) throws IOException {
        value("window.scrollTo(0, 0)");
        JsonNode size = send("Page.getLayoutMetrics", Map.of()).get("cssContentSize");
        JsonNode shot =
                send(
                        "Page.captureScreenshot",
                        Map.of(
                                "format",
                                "png",
                                "captureBeyondViewport",
                                true,
                                "clip",
                                Map.of(
                                        "x", 0,
                                        "y", 0,
                                        "width", size.get("width").asInt(),
                                        "height", size.get("height").asInt(),
                                        "scale", 1)));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(shot.get("data").asText()));
    }

    /** Errors of the page's scripts, and what its policy kept it from. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.waitFor();
        http.close();
    }
}
