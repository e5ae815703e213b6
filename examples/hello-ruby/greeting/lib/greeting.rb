# frozen_string_literal: true

# What the app says.
module Greeting
  def self.to(name) = "Hello from Ruby, #{name}!\n"
end
