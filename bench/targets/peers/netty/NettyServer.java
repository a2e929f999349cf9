import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A peer to compare our own server with: greets and echoes on Netty, wired up as its own WebSocket example is. Prints
 * one line of JSON with its URL once it listens.
 *
 * <p>With permessage-deflate this is the server of netty/netty#9803: each connection gets a zlib context of its own on
 * its first frame that is not empty.
 */
public final class NettyServer {
    private static final int MAX_REQUEST_BYTES = 65536;
    private static final int BACKLOG = 4096;
    private static final int GOING_AWAY = 1001;
    /** How long clients may take to answer the close. */
    private static final long CLOSE_SECONDS = 5;
    private static final List<String> VALUED_OPTIONS =
            Arrays.asList("--host", "--port", "--max-payload", "--compression", "--greeting");

    private String host = "127.0.0.1";
    private int port;
    private int maxPayload = 16384;
    private boolean compresses = true;
    /** Null for none. */
    private String greeting = "{\"type\":\"greeting\",\"message\":\"hello\"}";

    public static void main(String[] arguments) {
        NettyServer server = new NettyServer();
        try {
            server.readOptions(arguments);
        } catch (IllegalArgumentException problem) {
            fail(2, problem.getMessage());
        }
        try {
            server.serve();
        } catch (Exception problem) {
            // The event loops would keep the process alive.
            fail(1, "cannot listen on " + server.host + " port " + server.port + ": " + problem.getMessage());
        }
    }

    private static void fail(int status, String message) {
        System.err.println("netty-server: " + message);
        System.exit(status);
    }

    /** Takes {@code --name=value} and {@code --name value}. */
    private void readOptions(String[] arguments) {
        Iterator<String> rest = Arrays.asList(arguments).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (argument.equals("--no-greeting")) {
                greeting = null;
                continue;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!VALUED_OPTIONS.contains(name)) {
                throw new IllegalArgumentException("unknown option " + argument);
            }
            if (equals < 0 && !rest.hasNext()) {
                throw new IllegalArgumentException(name + " needs a value");
            }
            setOption(name, equals < 0 ? rest.next() : argument.substring(equals + 1));
        }
    }

    private void setOption(String name, String value) {
        switch (name) {
            case "--host":
                host = value;
                break;
            case "--port":
                port = readNumber(name, value, 0, 65535);
                break;
            case "--max-payload":
                maxPayload = readNumber(name, value, 1, Integer.MAX_VALUE);
                break;
            case "--compression":
                compresses = readCompression(value);
                break;
            case "--greeting":
                greeting = value;
                break;
            default:
                throw new IllegalArgumentException("unknown option " + name);
        }
    }

    private static int readNumber(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) return number;
        } catch (NumberFormatException problem) {
            // It gets the same message as a number out of range.
        }
        throw new IllegalArgumentException(
                name + ": \"" + value + "\" is not a whole number of " + least + " to " + most);
    }

    private static boolean readCompression(String value) {
        if (value.equals("deflate") || value.equals("off")) return value.equals("deflate");
        throw new IllegalArgumentException("--compression: \"" + value + "\" is neither off nor deflate");
    }

    private void serve() throws InterruptedException {
        EventLoopGroup acceptors = new NioEventLoopGroup(1);
        EventLoopGroup workers = new NioEventLoopGroup();
        ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        Greeter greeter = new Greeter(greeting, open);
        Channel listening = new ServerBootstrap()
                .group(acceptors, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        ChannelPipeline pipeline = channel.pipeline();
                        pipeline.addLast(new HttpServerCodec());
                        pipeline.addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES));
                        if (compresses) pipeline.addLast(new WebSocketServerCompressionHandler());
                        pipeline.addLast(new WebSocketServerProtocolHandler(
                                "/", null, true, maxPayload, false, true));
                        pipeline.addLast(greeter);
                    }
                })
                .bind(host, port)
                .sync()
                .channel();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            closeAll(listening, open);
            workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            // After SIGTERM the status would be 143, although all went well.
            Runtime.getRuntime().halt(0);
        }));
        InetSocketAddress address = (InetSocketAddress) listening.localAddress();
        String text = address.getAddress().getHostAddress();
        String hostInUrl = address.getAddress() instanceof Inet6Address ? "[" + text + "]" : text;
        System.out.println("{\"url\":\"ws://" + hostInUrl + ":" + address.getPort() + "\"}");
        listening.closeFuture().sync();
    }

    /** Stops accepting, asks all clients to close, and returns once they have, or their time is up. */
    private static void closeAll(Channel listening, ChannelGroup open) {
        listening.close().awaitUninterruptibly();
        ChannelGroupFuture allClosed = open.newCloseFuture();
        open.writeAndFlush(new CloseWebSocketFrame(GOING_AWAY, "server is shutting down"));
        allClosed.awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Shared by all connections: it has no state of any of them. */
    @ChannelHandler.Sharable
    private static final class Greeter extends SimpleChannelInboundHandler<WebSocketFrame> {
        private final String greeting;
        private final ChannelGroup open;

        Greeter(String greeting, ChannelGroup open) {
            this.greeting = greeting;
            this.open = open;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (!(event instanceof WebSocketServerProtocolHandler.HandshakeComplete)) return;
            open.add(context.channel());
            if (greeting != null) context.writeAndFlush(new TextWebSocketFrame(greeting));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            // Control frames are answered by the protocol handler: these are text, binary and their continuations.
            context.writeAndFlush(frame.retain());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A connection that breaks, or breaks the protocol, is closed: there is nobody to tell.
            context.close();
        }
    }
}
