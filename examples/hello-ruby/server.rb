# frozen_string_literal: true

# A web app of Ruby's standard library and a gem of its own.
require 'greeting'
require 'socket'

$stdout.sync = true

def answer(client)
  path = client.gets.to_s.split[1]
  nil until client.gets.to_s.chomp.empty?
  status, body = path == '/' ? ['200 OK', Greeting.to(ENV.fetch('NAME', 'dcdget'))] : ['404 Not Found', "There is nothing here.\n"]
  client.write("HTTP/1.1 #{status}\r\nContent-Type: text/plain\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
rescue Errno::ECONNRESET, Errno::EPIPE
  # Whoever asked has gone.
ensure
  client.close
end

server = TCPServer.new('0.0.0.0', ENV.fetch('PORT', 5000).to_i)
# The platform stops an instance with SIGTERM.
trap('TERM') { exit }
puts "hello-ruby listens on port #{server.addr[1]}"
loop { Thread.new(server.accept) { |client| answer(client) } }
